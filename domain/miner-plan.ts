import type { HubLocation } from './commit-payload.ts';
import { firstCycle, phaseAt, phaseRange, type Schedule } from './phases.ts';
import type { TrainingPolicy } from './training-policy.ts';
import type { Blocks, Hex, Hotkey, Milliseconds, Netuid } from './units.ts';

/** Small enough to be typed by hand. */
export interface MinerInput {
  readonly chain: string;
  readonly netuid: Netuid;
  readonly hotkey: Hotkey;
  readonly cyclesLeft?: number | null;
  /** Carried from run to run: the first cycle that is not done yet. */
  readonly next?: number | null;
  /** What the run before submitted, whose verdict is still to come. */
  readonly submitted?: Submitted | null;
}

/** A submission that a validator accepted. */
export interface Submitted {
  readonly cycle: number;
  /** The originals' index of the cycle, by which the validator knows it; absent in older histories. */
  readonly cycleIndex?: number;
  readonly group: number;
  readonly validator: ValidatorSeat;
}

/** What a miner's cycle goes by, read once at its start and recorded. */
export interface MinerPlan {
  readonly genesis: Hex;
  readonly schedule: Schedule;
  readonly cycle: number;
  readonly head: Blocks;
  readonly blockTimeMs: Milliseconds;
  readonly group: number;
  readonly training: TrainingPolicy;
  /** What MinerCommit2 says of where the file lies; null where it is only pushed. */
  readonly location: HubLocation | null;
}

/** The validator that a miner works with in one cycle. */
export interface ValidatorSeat {
  readonly hotkey: Hotkey;
  readonly uid: number;
  readonly url: string;
  /** What the validator's last hash commitment says, or null where it has made none yet. */
  readonly committed: { readonly modelHash: string; readonly version: number } | null;
}

export interface MinerSummary {
  readonly cycle: number;
  readonly result: 'submitted' | 'refused' | 'missed';
  readonly detail: string;
}

/** Why a cycle came to no submission, where no step of it failed. */
export const missedBecause = {
  untrained: 'nothing was trained in Train',
  unsigned: 'the signature was not on chain in MinerCommit1',
  uncommitted: 'the hash was not on chain in MinerCommit2',
  untaken: 'the file was not taken within the Submission phase',
} as const;

/**
 * Which cycle a miner works on: the current one as long as there is time left to train, else the next.
 */
export function joinAsMiner(schedule: Schedule, head: number, next: number | null): number {
  const current = phaseAt(schedule, head).cycle;
  const open = head <= phaseRange(schedule, current, 'Train').end;
  return Math.max(next ?? 0, firstCycle(schedule), open ? current : current + 1);
}
