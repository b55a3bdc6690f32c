import type { CyclePlan } from '../cycle-plan.ts';
import type { ModelRecord } from '../cycle-record.ts';
import type { Hotkey } from '../units.ts';
import type { MergeRecord } from './record.ts';

/** What a MergeWorkflow is started with. */
export interface MergeInput {
  readonly chain: string;
  readonly plan: CyclePlan;
  /** This validator's own submissions that improved the model; in hotkey order. */
  readonly accepted: readonly { readonly hotkey: Hotkey; readonly group: number; readonly digest: string }[];
}

/** What it came to. */
export interface MergeOutput {
  readonly record: MergeRecord;
  /** The model after the merge; the plan's own where no step was taken. */
  readonly model: ModelRecord;
}
