import type { Agreement } from './agreement/record.ts';
import type { Assignment } from './assignment.ts';
import type { HotkeyWeight } from './chain-write.ts';
import type { MergeRecord } from './merge/record.ts';
import type { OutcomeKind } from './outcome.ts';
import type { Schedule } from './phases.ts';
import type { PeerWeights } from './scoring/cohort.ts';
import type { RecordedRule } from './scoring/rule.ts';
import type { Blocks, Hex, Hotkey, Netuid, Uid } from './units.ts';
import type { WeightsReview } from './weights-review.ts';

/** How one miner's submission ended, with everything that its score can be recomputed from. */
export interface SubmissionRecord {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
  readonly group: number;
  readonly outcome: OutcomeKind;
  readonly reason: string | null;
  readonly detail: string | null;
  /** The original's tensor hash (48 hex digits) as committed. */
  readonly modelHash: string | null;
  /** SHA-256 of the file, its name in the artefact store. */
  readonly digest: string | null;
  readonly bytes: number | null;
  readonly commitBlock: Blocks | null;
  readonly commitIndex: number | null;
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
  /** Relative drop of the loss, max(0, (before − after) / before); null where nothing was measured. */
  readonly w: number | null;
  readonly workflowId: string;
  /** What the submission's update looks like on the cycle's sampled coordinates; absent where none was taken. */
  readonly sketch?: string;
  /** Of a copy: whose, and by what measure. */
  readonly copyOf?: CopyOf;
  /** Only as score rules see it: the values are those that the validators agreed on. No record has it. */
  readonly agreed?: true;
}

/** Why a submission counts as a copy of an earlier one. */
export interface CopyOf {
  readonly hotkey: Hotkey;
  /** Equal files, equal tensors, or updates of the base that point the same way. */
  readonly measure: 'file' | 'tensors' | 'updates';
  /** Cosine of the two updates as their sketches give it; 1 for equal files and tensors. */
  readonly similarity: number;
}

/** One hotkey's score over one cycle. `observation` is null where our own fault left nothing to observe. */
export interface ScoreRecord {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
  readonly before: number | null;
  readonly observation: number | null;
  readonly after: number;
}

export interface ModelRecord {
  /** Tensor hash of the full model. */
  readonly hash: string;
  /** The block at which the cycle's MinerCommit1 began that produced it; 0 for the base. */
  readonly version: number;
  /** SHA-256 of the manifest, its name in the artefact store. */
  readonly manifest: string;
}

export type CycleResult = 'completed' | 'no_improvement' | 'abstained' | 'no_submissions' | 'missed';

/** One finished cycle of one validator: what the ledger stores in one transaction, under one Merkle root. */
export interface CycleRecord {
  readonly chain: string;
  readonly genesis: Hex;
  readonly netuid: Netuid;
  /** The validator's. */
  readonly hotkey: Hotkey;
  readonly cycle: number;
  readonly startBlock: Blocks;
  readonly endBlock: Blocks;
  readonly schedule: Schedule;
  readonly workflowId: string;
  readonly runId: string;
  readonly result: CycleResult;
  readonly seed: {
    readonly source: 'validator_commits' | 'block_hash';
    readonly combined: string;
    readonly validators: readonly { readonly hotkey: Hotkey; readonly seed: number }[];
  } | null;
  /**
   * Whose file each validator judges first and has in its pseudo-gradient. Absent in cycles without a roster, and in
   * records of before all miners were judged by everybody: there, whoever was judged was assigned.
   */
  readonly assignment?: readonly Assignment<Hotkey>[];
  /** The rows of the held-out slice that every submission of a group was judged on. */
  readonly batches: readonly { readonly group: number; readonly rows: readonly number[]; readonly batchSize: number }[];
  readonly submissions: readonly SubmissionRecord[];
  readonly scores: readonly ScoreRecord[];
  readonly scoreRule: RecordedRule;
  /** What the validators' rows of weights held at the block of the roster; absent where it was not read. */
  readonly peerWeights?: readonly PeerWeights[];
  /** What the writer was asked for. */
  readonly vector: readonly HotkeyWeight[];
  readonly weightsKey: string | null;
  /** Where the vector was held back or changed; absent where it went out as the scores gave it. */
  readonly review?: WeightsReview;
  readonly modelBefore: ModelRecord;
  readonly modelAfter: ModelRecord;
  /** How the validators' models came together; absent in cycles that came to no merge. */
  readonly merge?: MergeRecord;
  /** What all validators together said of the miners; absent where there was nobody else to ask. */
  readonly agreement?: Agreement;
  /** Mean loss over all groups' held-out rows, before and after the outer step; null where none was measured. */
  readonly heldOut: { readonly before: number; readonly after: number } | null;
  /** Phases whose work was missed or late, with the reason. */
  readonly notes: readonly { readonly phase: string; readonly note: string }[];
}
