import { cpus } from 'node:os';
import { commandEnvironment, type TrainingCommand } from '../adapters/training-command/command-job.ts';
import type { MinerConfig } from '../config/schema/deployment.ts';
import { fail } from '../domain/errors/error.ts';
import { lossScaling } from '../domain/loss-scaler.ts';
import type { TrainingPolicy } from '../domain/training-policy.ts';

/** How a miner trains, from its configuration. */
export function trainingPolicyOf({ training }: Pick<MinerConfig, 'training'>): TrainingPolicy {
  const { loss_scale: initial, loss_scale_growth_interval: growthInterval } = training;
  return {
    steps: training.steps === 'until_phase_end' ? null : training.steps,
    batchSize: training.batch_size,
    accumulationSteps: training.gradient_accumulation_steps,
    worldSize: training.world_size,
    learningRate: training.learning_rate,
    warmupSteps: training.warmup_steps,
    totalSteps: training.total_steps ?? null,
    beta1: training.beta1,
    beta2: training.beta2,
    weightDecay: training.weight_decay,
    maxGradNorm: training.max_grad_norm,
    lossScaling: initial === 'off' ? null : { ...lossScaling, initial, growthInterval },
    checkpointEverySteps: training.checkpoint_interval_steps,
    evaluateEverySteps: training.evaluation_interval_steps ?? training.checkpoint_interval_steps,
    threads: training.threads || cpus().length,
  };
}

/** The operator's own trainer; null for the built-in one. @throws OST_TRAINER_PRECISION */
export function trainingCommandOf(
  { training }: Pick<MinerConfig, 'training'>,
  environment: Readonly<Record<string, string | undefined>>,
): TrainingCommand | null {
  const { command, precision } = training;
  if (command == null) {
    if (precision !== 'fp32') throw fail('OST_TRAINER_PRECISION', { precision });
    return null;
  }
  return {
    argv: command,
    precision,
    silenceMs: training.command_silence_seconds * 1000,
    checkpointsKept: training.checkpoints_kept,
    env: commandEnvironment(environment),
  };
}
