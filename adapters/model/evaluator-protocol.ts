import type { ErrorMessage } from './child-error.ts';
import type { HeldOutRow } from './loss-model.ts';
import type { PartPaths } from './parts.ts';

/** What the evaluator's process is told first. */
export interface EvaluatorSettings {
  readonly kind: 'settings';
  /** The child's private folder; whoever started it removes it. */
  readonly folder: string;
  readonly modelFolder: string;
  readonly threads: number;
  readonly evalDatasetPath: string | null;
}

export interface EvaluateMessage {
  readonly kind: 'evaluate';
  readonly parts: PartPaths;
  readonly candidate: number | null;
  readonly rows: readonly HeldOutRow[];
  readonly batchSize: number;
}

export type EvaluatorAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'losses'; readonly losses: readonly number[] }
  | ErrorMessage;
