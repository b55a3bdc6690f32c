import type { Gradients, GroupTensor } from './gradient-model.ts';

/** What a training loop takes its gradients from: this process, or several others. */
export interface GradientSource {
  /** The weights; changes in place take effect with the next call. */
  readonly tensors: readonly GroupTensor[];
  /** Tokens of one row. */
  readonly context: number;
  /** Whether the graph takes a loss scale. */
  readonly scales: boolean;
  /** Mean loss and gradients of all of a step's rows; the gradients are those of the scaled loss. */
  gradients(step: number, lossScale: number): Promise<Gradients>;
  /** Mean loss on the rows that are held out. */
  validate(): Promise<number>;
  release(): Promise<void>;
}
