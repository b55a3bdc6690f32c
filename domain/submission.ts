import type { CycleRecord, ModelRecord, SubmissionRecord } from './cycle-record.ts';
import type { RosterEntry } from './roster.ts';
import type { Blocks, Hotkey, Milliseconds, Netuid } from './units.ts';

/**
 * Where a submission's file comes from: from the miner itself, or, for a miner that is assigned to another validator,
 * from that one's model server.
 */
export type SubmissionSource =
  | { readonly kind: 'own' }
  | {
      readonly kind: 'peer';
      readonly validator: Hotkey;
      /** The originals' index of the cycle, by which validators know it among each other. */
      readonly cycleIndex: number;
    };

/** What a SubmissionWorkflow is started with. */
export interface SubmissionInput {
  readonly chain: string;
  readonly netuid: Netuid;
  readonly validator: Hotkey;
  readonly cycle: number;
  readonly entry: RosterEntry;
  readonly source: SubmissionSource;
  /** The Submission phase; the file has to be there by its end. */
  readonly window: { readonly start: Blocks; readonly end: Blocks };
  readonly blockTimeMs: Milliseconds;
  readonly model: ModelRecord;
  readonly batch: CycleRecord['batches'][number];
  /** The cycle's combined seed, 64 hex digits. */
  readonly seed: string;
}

/** The record of a submission of which nothing but the commitment is known yet. */
export const emptySubmission = (entry: RosterEntry, workflowId: string): SubmissionRecord => ({
  hotkey: entry.hotkey,
  uid: entry.uid,
  group: entry.group,
  outcome: 'unknown',
  reason: null,
  detail: null,
  modelHash: entry.modelHash,
  digest: null,
  bytes: null,
  commitBlock: entry.commitBlock,
  commitIndex: entry.commitIndex,
  lossBefore: null,
  lossAfter: null,
  w: null,
  workflowId,
});
