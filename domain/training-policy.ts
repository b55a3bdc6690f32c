import type { LossScaling } from './loss-scaler.ts';

/** How a group is trained; with the seed and the data it decides every bit of the result. */
export interface TrainingPolicy {
  /** Stop after so many optimizer steps; null: train until the phase ends. */
  readonly steps: number | null;
  /** Rows that one process takes at once. A step has `batchSize · accumulationSteps · worldSize` rows. */
  readonly batchSize: number;
  /** Batches of each process in one optimizer step. */
  readonly accumulationSteps: number;
  /** Processes that share a step. */
  readonly worldSize: number;
  /** The highest one, reached after the warm-up. */
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** Steps over which the rate falls to its floor; null: `steps`, or where that is open, about a short phase's. */
  readonly totalSteps: number | null;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
  /** Gradients of a greater norm are brought down to it. */
  readonly maxGradNorm: number;
  /** Null: the loss is not scaled. */
  readonly lossScaling: LossScaling | null;
  readonly checkpointEverySteps: number;
  /** How often the weights are judged on the miner's own held-out rows. */
  readonly evaluateEverySteps: number;
  /** Of all processes together; 0 takes one for each core. */
  readonly threads: number;
}

/** The number formats that a training can be asked for. The built-in trainer has the first one only. */
export const precisions = ['fp32', 'fp16', 'bf16-mixed'] as const;

export type Precision = (typeof precisions)[number];

/** Rows of one optimizer step. */
export const rowsOfStep = ({
  batchSize,
  accumulationSteps,
  worldSize,
}: Pick<TrainingPolicy, 'batchSize' | 'accumulationSteps' | 'worldSize'>): number =>
  batchSize * accumulationSteps * worldSize;

/**
 * Which of a step's rows each batch of one process holds: [begin, end) for each batch, in their order. Two processes
 * with half a batch each thus see the same rows as one with the whole.
 */
export function shardOf(
  { batchSize, accumulationSteps }: Pick<TrainingPolicy, 'batchSize' | 'accumulationSteps'>,
  rank: number,
): readonly (readonly [number, number])[] {
  const first = rank * accumulationSteps * batchSize;
  return Array.from({ length: accumulationSteps }, (_, index) => {
    const begin = first + index * batchSize;
    return [begin, begin + batchSize] as const;
  });
}
