import type { PulledLocation } from '../../domain/artifact-location.ts';
import type { CycleRecord, ModelRecord } from '../../domain/cycle-record.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';

/** A file that the model server took from a miner. */
export interface ReceivedFile {
  readonly digest: string;
  readonly bytes: number;
  readonly block: Blocks;
}

/** A request to another validator's model server, signed by this one's hotkey for a block. */
export interface SignedForPeer {
  readonly peer: Hotkey;
  readonly block: Blocks;
  /** base64url without padding. */
  readonly signature: string;
}

/** What asking another validator for a miner's file comes to. */
export type PeerFile =
  | { readonly kind: 'file'; readonly digest: string; readonly bytes: number }
  /** It has none, serves no address or cannot be reached: it may have one later. */
  | { readonly kind: 'absent'; readonly detail: string }
  /** The signature's block is too old by the peer's reckoning. */
  | { readonly kind: 'sign_again' };

/** What asking the server comes to that a miner named. */
export type PulledFile =
  | { readonly kind: 'file'; readonly file: ReceivedFile; readonly source: string }
  | {
      readonly kind: 'miner_fault';
      readonly reason: 'bad_address' | 'too_large' | 'hash' | 'malformed_file';
      readonly detail: string;
    }
  /** 401, 403 or 404: the miner's fault, if it says so twice. */
  | { readonly kind: 'not_there'; readonly detail: string }
  /** Its server, or the way to it, and so nobody's fault. */
  | { readonly kind: 'later'; readonly detail: string };

export type VerifyFault = 'hash' | 'expert_group_or_nan' | 'malformed_file' | 'artifact_missing';
export type EvaluationFault = 'non_finite_loss' | 'shape' | 'evaluator' | 'baseline' | 'artifact_missing';

export interface Losses {
  readonly before: number;
  readonly after: number;
}

/** What the validator's process does for one submission. */
export interface SubmissionActivities {
  /** The file in the ledger, or whether the model server was there to take one all the time. */
  findSubmission(input: {
    readonly cycle: number;
    readonly hotkey: Hotkey;
    readonly window: { readonly start: Blocks; readonly end: Blocks };
  }): Promise<{ readonly file: ReceivedFile } | { readonly file: null; readonly served: boolean }>;
  /** Fetches a miner's file from the validator that the miner is assigned to, as that one took it. */
  fetchFromPeer(input: {
    readonly signed: SignedForPeer;
    readonly hotkey: Hotkey;
    /** The originals' index of the cycle, by which validators know it. */
    readonly cycleIndex: number;
  }): Promise<PeerFile>;
  /**
   * Fetches the file that a miner serves itself, and checks that it is what was committed. With `keep` it is entered as
   * the miner's submission, for other validators to ask for.
   */
  pullSubmission(input: {
    readonly cycle: number;
    readonly hotkey: Hotkey;
    readonly group: number;
    readonly modelHash: string;
    readonly location: PulledLocation;
    readonly keep: boolean;
  }): Promise<PulledFile>;
  /**
   * Checks the bytes in the store against what the chain holds, and takes the sketch of their update, by which copies
   * are found; null where there is no update.
   */
  verifySubmission(input: {
    readonly digest: string;
    readonly modelHash: string;
    readonly group: number;
    readonly model: ModelRecord;
    /** The cycle's combined seed: it chooses what a sketch looks at. */
    readonly seed: string;
  }): Promise<Outcome<{ readonly sketch: string | null }, VerifyFault>>;
  /** Losses of the base and of the submission on the same rows. */
  evaluateSubmission(input: {
    readonly hotkey: Hotkey;
    readonly digest: string;
    readonly group: number;
    readonly model: ModelRecord;
    readonly batch: CycleRecord['batches'][number];
  }): Promise<Outcome<Losses, EvaluationFault>>;
}
