import { type Beacon, roundAt } from './timelock/beacon.ts';
import type { Blocks, Hex } from './units.ts';

/**
 * How a weight vector gets onto the chain: plainly, or by a commitment where commit-reveal is on. A hash is opened by
 * an extrinsic of our own, a timelock by the chain itself when its round comes.
 */
export type WeightsRoad = 'plain' | 'hash' | 'timelock';

/** What has to be known of a commitment to weights until it is opened. It lives in the writer's state. */
export type WeightsCommit =
  | {
      readonly road: 'hash';
      readonly hash: Hex;
      /** Kept from everybody until the reveal: with it the hash could be guessed. */
      readonly salt: readonly number[];
      readonly versionKey: string;
    }
  | {
      readonly road: 'timelock';
      /** blake2b-256 of the ciphertext, as in the chain's event. */
      readonly hash: Hex;
      readonly round: number;
      /** The block at which the round was to come when it was chosen. */
      readonly revealBlock: Blocks;
    };

/** What the chain says of a subnet's epochs and of one hotkey's commitments to weights, at one block. */
export interface CommitRevealState {
  readonly block: Blocks;
  readonly enabled: boolean;
  /** How many epochs after its own a commitment is opened. */
  readonly period: number;
  readonly tempo: Blocks;
  /** The epoch of the block after this one: that of whatever is sent now. */
  readonly epoch: number;
  /** The block of the next epoch at the earliest; null where the subnet has none. */
  readonly nextEpoch: Blocks | null;
  readonly hashes: readonly HashCommit[];
  readonly timelocks: readonly TimelockCommit[];
}

export interface HashCommit {
  readonly hash: Hex;
  readonly block: Blocks;
  /** The epoch of the commitment; null on chains that keep the window's blocks instead. */
  readonly epoch: number | null;
  readonly window: { readonly first: Blocks; readonly last: Blocks } | null;
}

export interface TimelockCommit {
  readonly hash: Hex;
  readonly block: Blocks;
  readonly epoch: number;
  readonly round: number;
}

/** Whether an extrinsic in the next block can open a commitment. */
export type RevealWindow = { readonly kind: 'early'; readonly from: Blocks } | { readonly kind: 'open' | 'over' };

/** The window of a commitment as the state of this block has it; asked anew at each block, because it may shift. */
export function revealWindow(
  state: Pick<CommitRevealState, 'block' | 'period' | 'epoch' | 'tempo' | 'nextEpoch'>,
  commit: Pick<HashCommit, 'epoch' | 'window'>,
): RevealWindow {
  const next = state.block + 1;
  if (commit.window !== null) {
    if (next < commit.window.first) return { kind: 'early', from: commit.window.first };
    return { kind: next <= commit.window.last ? 'open' : 'over' };
  }
  const left = (commit.epoch ?? 0) + state.period - state.epoch;
  if (left === 0) return { kind: 'open' };
  if (left < 0) return { kind: 'over' };
  // Deferred epochs come later, so this is a lower bound; the state of that block decides.
  const nextEpoch = state.nextEpoch ?? next + state.tempo;
  return { kind: 'early', from: (Math.max(nextEpoch, next) + (left - 1) * state.tempo) as Blocks };
}

/** The block at which a commitment made now is opened, at the earliest; null where the subnet has no epochs. */
export function firstRevealBlock({
  nextEpoch,
  period,
  tempo,
}: Pick<CommitRevealState, 'nextEpoch' | 'period' | 'tempo'>): Blocks | null {
  return nextEpoch === null ? null : ((nextEpoch + (period - 1) * tempo) as Blocks);
}

/** The same of a commitment of an earlier epoch; null once its epoch has come. */
export function firstRevealOf(
  { epoch, nextEpoch, period, tempo }: Pick<CommitRevealState, 'epoch' | 'nextEpoch' | 'period' | 'tempo'>,
  committedIn: number,
): Blocks | null {
  const left = committedIn + period - epoch;
  return nextEpoch === null || left <= 0 ? null : ((nextEpoch + (left - 1) * tempo) as Blocks);
}

/**
 * Blocks after the first reveal block at which the round is to come: an epoch that is deferred must not be too late.
 */
const marginBlocks = 5;

/** The block at which the round is to come: a little after the first reveal block, and well before the epoch's end. */
export const aimedBlock = (firstReveal: Blocks, tempo: Blocks): Blocks =>
  (firstReveal + Math.max(1, Math.min(marginBlocks, Math.floor(tempo / 4)))) as Blocks;

/**
 * The round for a commitment whose reveal begins at `firstMs` and aims at `aimMs`, both estimates: never one that is
 * out before the reveal begins, for then everybody could read the weights.
 */
export const roundFor = (beacon: Pick<Beacon, 'genesisS' | 'periodS'>, firstMs: number, aimMs: number): number =>
  Math.max(roundAt(beacon, firstMs) + 1, roundAt(beacon, aimMs));
