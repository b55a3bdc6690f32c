import type { LossScaleStep } from '../../domain/loss-scaler.ts';
import type { TrainingPolicy } from '../../domain/training-policy.ts';
import type { ErrorMessage } from './child-error.ts';
import type { PartPaths } from './parts.ts';

export interface TrainingJob {
  /** Folder with graphs and corpus, such as models/reference. */
  readonly modelFolder: string;
  /** Absolute paths of all parts; the group's own is where the training begins. */
  readonly parts: PartPaths;
  readonly group: number;
  /** JSONL file or folder to train on; null for the group's part of the data in the model's folder. */
  readonly datasetPath: string | null;
  /** Where the state and the result are kept. One job has one folder, whatever the attempt. */
  readonly folder: string;
  /** Any text; with the step it decides which rows are trained on. */
  readonly seed: string;
  readonly policy: TrainingPolicy;
  /** Go on from the state in the folder, where it belongs to this very job. */
  readonly resume: boolean;
  /** Where the state is also put when the training is interrupted; null for nowhere. */
  readonly finalFile: string | null;
}

/** What a step is followed by now and then. */
export interface CheckpointProgress {
  /** Steps done. */
  readonly step: number;
  /** Loss on the miner's own held-out rows where this step was followed by an evaluation. */
  readonly validation: number | null;
  /** The step that is the best so far, by that loss. */
  readonly bestStep: number;
  /** The state's file where this step wrote it. */
  readonly checkpoint: string | null;
  /** How long that took. */
  readonly checkpointMs: number | null;
}

export interface TrainingProgress extends CheckpointProgress {
  /** Nats per byte of the step's rows; NaN where the step was skipped for not being finite. */
  readonly loss: number;
  readonly gradNorm: number;
  /** Sum of all gradients' elements, before clipping. */
  readonly gradSum: number;
  readonly learningRate: number;
  readonly tokensPerSecond: number;
  /** Tokens and rows since the training began, over all attempts. */
  readonly tokens: number;
  readonly rows: number;
  readonly stepMs: number;
  /** Null where the loss is not scaled. */
  readonly lossScale: LossScaleStep | null;
  readonly skipped: boolean;
}

export interface TrainingResult {
  /** `model_expgroup_{g}.safetensors` in the job's folder: the group's tensors and nothing else. */
  readonly file: string;
  readonly steps: number;
  /** Steps whose loss or gradients were not finite and that changed nothing. */
  readonly skipped: number;
  readonly lossFirst: number;
  readonly lossLast: number;
  /** Loss of the base, and of what is in the file, on text of the group that was not trained on. */
  readonly validationBefore: number;
  readonly validationAfter: number;
  /** The step that the file is from: 0, the base, where nothing was better. */
  readonly bestStep: number;
  /** What ended the training before its time, where what it had by then is the result. */
  readonly problem: string | null;
}

/** What the trainer's process is told first; `folder` is its private one. */
export interface TrainerSettings {
  readonly kind: 'settings';
  readonly folder: string;
  readonly job: TrainingJob;
}

/**
 * `stop`: the training is over; judge what there is and make the result. `leave`: it goes on in another process; keep
 * the state, and nothing that takes long.
 */
export type TrainerMessage = TrainerSettings | { readonly kind: 'stop' | 'leave' };

export type TrainerAnswer =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  /** One of several processes that compute gradients has begun. */
  | { readonly kind: 'rank'; readonly rank: number; readonly pid: number }
  | { readonly kind: 'done'; readonly result: TrainingResult }
  | { readonly kind: 'left' }
  | ErrorMessage;
