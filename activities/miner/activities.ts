import type { ArtifactRef } from '../../domain/artifact.ts';
import type { MinerPlan, Submitted, ValidatorSeat } from '../../domain/miner-plan.ts';
import type { Schedule } from '../../domain/phases.ts';
import type { TrainingPolicy } from '../../domain/training-policy.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';
import type { Verdict } from '../../domain/verdict.ts';

/** A group's slice as the miner got it, with what its server said of it. */
export interface Slice {
  readonly ref: ArtifactRef;
  readonly group: number;
  /** Tensor hash of the slice. */
  readonly hash: string;
  readonly version: number;
  readonly modelHash: string;
}

export interface TrainedGroup {
  readonly ref: ArtifactRef;
  readonly modelHash: string;
  readonly steps: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

export type UploadOutcome =
  | { readonly kind: 'accepted'; readonly digest: string; readonly bytes: number }
  /** The signature's block is too old or was used: sign anew and try again. */
  | { readonly kind: 'sign_again'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

export type VerdictOutcome =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** The cycle is not closed there, or nobody answers. */
  | { readonly kind: 'not_yet' }
  /** There is none, and there will be none. */
  | { readonly kind: 'absent'; readonly code: string; readonly detail: string }
  | { readonly kind: 'unverifiable'; readonly detail: string };

/** A signature by the miner's hotkey over one request to its validator. */
export interface SignedFor {
  readonly validator: ValidatorSeat;
  readonly block: Blocks;
  /** base64url without padding. */
  readonly signature: string;
}

/** What the miner's `io` process does. */
export interface MinerIoActivities {
  planMiner(input: { readonly next: number | null }): Promise<MinerPlan>;
  /** Finds a validator with a permit that serves an address on chain, the configured one first. */
  findValidator(): Promise<ValidatorSeat>;
  /**
   * The validator that this cycle's assignment gives the miner to; where that one cannot be reached, as findValidator.
   */
  findAssigned(input: { readonly schedule: Schedule; readonly cycle: number }): Promise<ValidatorSeat>;
  /** Fetches the group's slice with ranges and resume, and checks it. */
  downloadSlice(input: { readonly signed: SignedFor; readonly group: number }): Promise<Slice>;
  /** Puts the trained file where the location that MinerCommit2 names leads to. */
  publishArtifact(input: { readonly group: number; readonly trained: TrainedGroup }): Promise<void>;
  uploadSubmission(input: {
    readonly signed: SignedFor;
    readonly group: number;
    readonly cycle: number;
    readonly trained: TrainedGroup;
  }): Promise<UploadOutcome>;
  /** Waits until a validator serves another model than the one that was fetched from it. */
  awaitNewModel(input: {
    readonly validator: ValidatorSeat;
    readonly version: number;
    readonly modelHash: string;
  }): Promise<{ readonly version: number; readonly modelHash: string }>;
  /** Asks for the signed verdict on a submission, checks it, and passes it on to log and metrics. */
  fetchVerdict(input: Submitted): Promise<VerdictOutcome>;
  /** Closes the miner's cycle in its log. */
  noteCycle(input: {
    readonly cycle: number;
    readonly hotkey: Hotkey;
    readonly result: string;
    readonly detail: string;
    /** SHA-256 of the file that the chain names; it stays, whatever goes. */
    readonly committed: string | null;
  }): Promise<void>;
}

/** What the miner's `train` process does. */
export interface MinerTrainActivities {
  /**
   * Trains the group until the steps are done or it is cancelled, which is how a phase ends: it then keeps what it
   * has and returns it.
   */
  trainGroup(input: {
    readonly cycle: number;
    readonly slice: Slice;
    readonly training: TrainingPolicy;
    /** The phase is over: no step any more, only the best of what is there. */
    readonly over?: boolean;
  }): Promise<TrainedGroup>;
}
