import type { ProviderSetting } from '../../domain/execution-provider.ts';
import type { ErrorMessage } from './child-error.ts';
import type { HeldOutRow } from './loss-model.ts';
import type { PartPaths } from './parts.ts';
import type { ChosenProvider } from './providers.ts';

/** What the evaluator's process is told first. */
export interface EvaluatorSettings {
  readonly kind: 'settings';
  /** The child's private folder; whoever started it removes it. */
  readonly folder: string;
  readonly modelFolder: string;
  readonly threads: number;
  readonly evalDatasetPath: string | null;
  readonly provider: ProviderSetting;
  /** The number of the device, where the provider has several. */
  readonly device: number;
}

export interface EvaluateMessage {
  readonly kind: 'evaluate';
  readonly parts: PartPaths;
  /** The group that is judged; null: the model as a whole. */
  readonly group: number | null;
  /** Whether that group's file is a miner's. */
  readonly candidate: boolean;
  readonly rows: readonly HeldOutRow[];
  readonly batchSize: number;
}

export type EvaluatorAnswer =
  | ({ readonly kind: 'ready' } & ChosenProvider)
  | { readonly kind: 'losses'; readonly losses: readonly number[]; readonly computed: number }
  | ErrorMessage;
