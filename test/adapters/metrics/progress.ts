import type { TrainingProgress } from '../../../adapters/model/trainer-protocol.ts';

/** A step that went well; its loss falls with its number. */
export const progress = (step: number, changes: Partial<TrainingProgress> = {}): TrainingProgress => ({
  step,
  loss: 2 / step,
  gradNorm: 1.5,
  gradSum: 120.4,
  learningRate: 0.001,
  tokensPerSecond: 1000,
  tokens: 512 * step,
  rows: 4 * step,
  stepMs: 500,
  lossScale: { before: 65_536, after: 65_536, skipped: false },
  skipped: false,
  validation: null,
  bestStep: 0,
  checkpoint: null,
  checkpointMs: null,
  ...changes,
});
