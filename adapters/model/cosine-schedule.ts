export interface CosineSchedule {
  /** Highest learning rate, reached after the warm-up. */
  readonly peak: number;
  readonly warmupSteps: number;
  /** Steps until the rate has fallen to its floor, warm-up included. */
  readonly totalSteps: number;
  /** The floor as a part of the peak. */
  readonly floor: number;
}

/** The learning rate of a step (from 0): a linear warm-up, half a cosine down to the floor, and the floor for ever. */
export function learningRateAt({ peak, warmupSteps, totalSteps, floor }: CosineSchedule, step: number): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
}
