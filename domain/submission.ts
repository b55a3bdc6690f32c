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

/** Whose submission it is, and where its file comes from. */
export interface SubmissionOrder {
  readonly entry: RosterEntry;
  readonly source: SubmissionSource;
}

/** What all submissions of a cycle have in common. */
export interface SubmissionTerms {
  readonly chain: string;
  readonly netuid: Netuid;
  readonly validator: Hotkey;
  readonly cycle: number;
  /** The Submission phase; the file has to be there by its end. */
  readonly window: { readonly start: Blocks; readonly end: Blocks };
  readonly blockTimeMs: Milliseconds;
  readonly model: ModelRecord;
  /** The cycle's combined seed, 64 hex digits. */
  readonly seed: string;
  /** The originals' index of the cycle; absent in histories of before files were asked for once more. */
  readonly cycleIndex?: number;
}

/** What a SubmissionWorkflow is started with. */
export interface SubmissionInput extends SubmissionTerms, SubmissionOrder {
  readonly batch: CycleRecord['batches'][number];
}

/** What a CohortWorkflow is started with: a part of a cycle's submissions. */
export interface CohortInput {
  readonly terms: SubmissionTerms;
  readonly batches: CycleRecord['batches'];
  readonly orders: readonly SubmissionOrder[];
  /** How many of them are judged at a time. */
  readonly lanes: number;
}

/** What a cycle shows of a submission that is settled. */
export type SettledSubmission = Pick<
  SubmissionRecord,
  'hotkey' | 'outcome' | 'reason' | 'detail' | 'lossBefore' | 'lossAfter' | 'w'
>;

export const settledOf = ({ hotkey, outcome, reason, detail, lossBefore, lossAfter, w }: SubmissionRecord) =>
  ({ hotkey, outcome, reason, detail, lossBefore, lossAfter, w }) satisfies SettledSubmission;

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
