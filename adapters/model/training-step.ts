import { fail } from '../../domain/errors/error.ts';
import type { LossScaler, LossScaleStep } from '../../domain/loss-scaler.ts';
import type { TrainingPolicy } from '../../domain/training-policy.ts';
import type { GradientSource } from './gradient-source.ts';
import { adamWStep, clipFactor, globalNorm, globalSum } from './optimizer.ts';
import type { TrainingState } from './training-state.ts';

const maxSkippedInARow = 50;
/** torch's, which the originals leave as it is. */
const epsilon = 1e-8;

export interface StepResult {
  /** NaN where the step was skipped. */
  readonly loss: number;
  /** Of the unscaled gradients, before clipping. */
  readonly gradNorm: number;
  readonly gradSum: number;
  readonly lossScale: LossScaleStep | null;
  readonly skipped: boolean;
}

/**
 * One step of a training: gradients of the scaled loss, unscaling, clipping, AdamW. A loss or gradients that are not
 * finite change nothing but the scale and the counters.
 *
 * @throws OST_MODEL_TRAINING_DIVERGED after so many skipped steps that nothing will come of it
 */
export async function takeStep(
  source: GradientSource,
  { tensors, counters }: TrainingState,
  {
    policy,
    learningRate,
    scaler,
  }: {
    readonly policy: TrainingPolicy;
    readonly learningRate: number;
    readonly scaler: LossScaler | null;
  },
): Promise<StepResult> {
  const scale = scaler?.scale ?? 1;
  const { loss, gradients } = await source.gradients(counters.step, scale);
  const scaledNorm = globalNorm(gradients);
  const gradNorm = scaledNorm / scale;
  const gradSum = globalSum(gradients) / scale;
  counters.step += 1;
  const finite = Number.isFinite(loss) && Number.isFinite(scaledNorm);
  const lossScale = scaler?.update(finite) ?? null;
  counters.lossScaler = scaler?.state ?? null;
  if (!finite) {
    counters.skipped += 1;
    counters.skippedInARow += 1;
    if (counters.skippedInARow >= maxSkippedInARow) {
      throw fail('OST_MODEL_TRAINING_DIVERGED', { count: counters.skippedInARow });
    }
    return { loss: Number.NaN, gradNorm, gradSum, lossScale, skipped: true };
  }
  counters.skippedInARow = 0;
  counters.updates += 1;
  counters.lossFirst ??= loss;
  counters.lossLast = loss;
  const { beta1, beta2, weightDecay, maxGradNorm } = policy;
  const step = { step: counters.updates, learningRate, scale: clipFactor(gradNorm, maxGradNorm) / scale };
  for (const [index, { data, firstMoment, secondMoment }] of tensors.entries()) {
    const gradient = gradients[index];
    if (gradient === undefined) continue;
    adamWStep({ parameter: data, firstMoment, secondMoment }, gradient, step, { beta1, beta2, weightDecay, epsilon });
  }
  return { loss, gradNorm, gradSum, lossScale, skipped: false };
}
