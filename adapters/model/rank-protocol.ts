import type { ErrorMessage } from './child-error.ts';
import type { TrainingJob } from './trainer-protocol.ts';

/** What one of several processes of a training is told first; `folder` is its private one. */
export interface RankSettings {
  readonly kind: 'settings';
  readonly folder: string;
  readonly job: TrainingJob;
  readonly rank: number;
}

/**
 * Every message carries the weights, so that all ranks compute on the very same ones, whatever became of the step
 * before. `step`: gradients of the rank's share of the step's rows. `validate`: the loss on the held-out rows.
 */
export type RankMessage =
  | RankSettings
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly lossScale: number;
      readonly parameters: readonly Float32Array[];
    }
  | { readonly kind: 'validate'; readonly parameters: readonly Float32Array[] };

export type RankAnswer =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'gradients';
      readonly step: number;
      readonly loss: number;
      readonly gradients: readonly Float32Array[];
    }
  | { readonly kind: 'validation'; readonly loss: number }
  | ErrorMessage;
