import type { TrainingPolicy } from '../../domain/training-policy.ts';
import type { CheckpointProgress, TrainingProgress } from '../model/trainer-protocol.ts';
import type { MetricSink } from './sink.ts';

/** What a validator says of a submission, in numbers; null where it measured nothing. */
export interface VerdictNumbers {
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
  readonly w: number | null;
  readonly score: number | null;
}

export interface TrainingMetrics {
  step(progress: TrainingProgress): void;
  checkpoint(progress: CheckpointProgress): void;
}

/** A miner's numbers, wherever they go. */
export interface MinerMetrics {
  training(about: {
    readonly cycle: number;
    readonly group: number;
    readonly policy: Pick<TrainingPolicy, 'accumulationSteps'>;
  }): TrainingMetrics;
  verdict(about: { readonly cycle: number; readonly group: number }, numbers: VerdictNumbers): void;
  close(): Promise<void>;
}

const bySecond = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

/** Sends the same points to all sinks. */
export function minerMetrics(sinks: readonly MetricSink[]): MinerMetrics {
  const take = (
    about: { readonly cycle: number; readonly group: number },
    step: number | null,
    given: Readonly<Record<string, number | null>>,
  ): void => {
    const { cycle, group } = about;
    // Neither JSON nor a chart has a place for what is no number.
    const known = Object.entries(given).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    if (known.length === 0) return;
    const point = { at: new Date().toISOString(), cycle, group, step, values: Object.fromEntries(known) };
    for (const sink of sinks) sink.take(point);
  };
  return {
    training(about) {
      const checkpoint = ({ step, validation, bestStep, checkpointMs }: CheckpointProgress): void => {
        if (validation === null && checkpointMs === null) return;
        take(about, step, {
          'eval/loss': validation,
          'eval/best_step': bestStep,
          'checkpoint/save_seconds': bySecond(checkpointMs),
        });
      };
      return {
        step(progress) {
          const { step, loss, gradNorm, gradSum, learningRate, tokensPerSecond, tokens, rows, stepMs } = progress;
          take(about, step, {
            'train/loss': loss,
            'train/perplexity': Math.exp(loss),
            'train/learning_rate': learningRate,
            'train/grad_norm': gradNorm,
            'train/grad_sum': gradSum,
            'train/grad_accum_steps': about.policy.accumulationSteps,
            'train/loss_scale': progress.lossScale?.after ?? null,
            'train/skipped': progress.skipped ? 1 : 0,
            'train/tokens_per_second': tokensPerSecond,
            'train/tokens': tokens,
            'train/samples': rows,
            'train/step_seconds': bySecond(stepMs),
          });
          checkpoint(progress);
        },
        checkpoint,
      };
    },
    verdict(about, { lossBefore, lossAfter, w, score }) {
      take(about, null, {
        'verdict/loss_before': lossBefore,
        'verdict/loss_after': lossAfter,
        'verdict/w': w,
        'verdict/score': score,
      });
    },
    async close() {
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
}
