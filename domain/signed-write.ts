import type { BlockRef } from './chain.ts';
import type { ChainFailure } from './chain-failure.ts';
import type { ForeignWrite, Sighting } from './foreign-write.ts';
import type { Blocks, Hex, Hotkey } from './units.ts';
import type { WeightsCommit, WeightsRoad } from './weights-road.ts';

/** An extrinsic as the signing worker made it. Recorded in the writer's history before the bytes leave. */
export interface SignedWrite {
  readonly bytes: Hex;
  readonly hash: Hex;
  readonly nonce: number;
  /** It can be in the blocks above this one … */
  readonly birth: BlockRef;
  /** … and below `birth + eraBlocks`. */
  readonly eraBlocks: number;
  /** Of a weight vector, as resolved at signing; empty for other calls. */
  readonly uids: readonly number[];
  readonly values: readonly number[];
  /** Hotkeys of the vector that had left the subnet by then. */
  readonly dropped: readonly Hotkey[];
  /** Of a commitment to weights. */
  readonly commit?: WeightsCommit;
}

/** The last block that can hold it. */
export const lastBlockOf = ({ birth, eraBlocks }: Pick<SignedWrite, 'birth' | 'eraBlocks'>): number =>
  birth.number + eraBlocks - 1;

/** Shortest era: fewer blocks would not outlast the finality lag and a slow endpoint. */
const shortestEra = 8;
/** Longest: birth blocks older than the chain's 2,400 block hashes are refused. */
const longestEra = 2_048;
/** For writes without a deadline: short, so that a lost extrinsic is certain to be lost soon. */
export const openEndedBlocks = 16;

/** The smallest power of two, at least 8, that covers the blocks left. */
export function eraFor(blocksLeft: number): number {
  let era = shortestEra;
  while (era < blocksLeft && era < longestEra) era *= 2;
  return era;
}

/** The largest era that does not go beyond the blocks left; the shortest where not even that fits. */
export function eraWithin(blocksLeft: number): number {
  let era = shortestEra;
  while (era * 2 <= blocksLeft && era < longestEra) era *= 2;
  return era;
}

/** Weights as the chain stores them: scaled so that the largest is 65535, rounded to nearest, halves up. */
export function maxUpscale(values: readonly number[]): readonly number[] {
  const max = Math.max(0, ...values);
  return max === 0 ? values : values.map((value) => Math.floor((value * 65535 * 2 + max) / (2 * max)));
}

/** Whether stored weights are the vector; the order of entries does not matter. */
export function sameWeights(
  stored: readonly (readonly [number, number])[],
  uids: readonly number[],
  values: readonly number[],
): boolean {
  const wanted = new Map(maxUpscale(values).map((value, index) => [uids[index], value]));
  return stored.length === wanted.size && stored.every(([uid, value]) => wanted.get(uid) === value);
}

/** What the guard found before anything is signed. */
export type GuardVerdict = {
  /** The head that was looked at. */
  readonly head: Blocks;
  /** Measured, for the length of durable timers only. */
  readonly blockTimeMs: number;
  /** What was seen of other writers with this hotkey's key. */
  readonly sighting?: Sighting;
} /** `road` of a weight vector; plain where left out. */ & (
  | { readonly kind: 'go'; readonly road?: WeightsRoad }
  /** The chain holds the effect already. */
  | { readonly kind: 'already'; readonly block: Blocks }
  /** Ask again when the head is at `block`. */
  | { readonly kind: 'wait'; readonly block: Blocks; readonly code: string; readonly detail: string }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'late' }
);

/** How a submission went. Only the chain itself says what became of the extrinsic. */
export type Submission =
  | { readonly kind: 'in_block'; readonly block: Hex }
  /** In the pool, or nobody knows. */
  | { readonly kind: 'sent'; readonly detail: string }
  | { readonly kind: 'failed'; readonly failure: ChainFailure };

/** What the chain says of an extrinsic. */
export type Confirmation =
  | {
      readonly kind: 'included';
      readonly block: BlockRef;
      readonly index: number;
      /** How the call failed inside its block; null where its effect was read back. */
      readonly failure: ChainFailure | null;
      /** What somebody else wrote to the same place in the same block; left out where nobody did. */
      readonly foreign?: ForeignWrite;
    }
  | {
      readonly kind: 'absent';
      readonly head: Blocks;
      readonly finalized: Blocks;
      /** Why it can never be included, so that signing anew is safe; null while it may still be. */
      readonly dead: 'era passed' | 'nonce taken' | null;
    };

export type Finality =
  | { readonly kind: 'final' }
  /** Another block holds it now. */
  | { readonly kind: 'moved'; readonly block: BlockRef; readonly index: number }
  | { readonly kind: 'reverted'; readonly dead: 'era passed' | 'nonce taken' | null }
  /** Not known yet. */
  | { readonly kind: 'pending' };

/** What became of a commitment to weights. */
export type RevealSight = { readonly head: Blocks } /** A hash: it can be opened now. */ & (
  | { readonly kind: 'open' }
  /** The chain holds the vector. */
  | { readonly kind: 'revealed'; readonly block: Blocks }
  /** A hash that cannot be opened any more, because weights are set plainly now. */
  | { readonly kind: 'switched_off' }
  /** A timelock whose round will come too late, because the epochs have shifted. */
  | { readonly kind: 'misplaced'; readonly detail: string }
  /** It is gone, and the chain does not hold the vector. */
  | {
      readonly kind: 'lost';
      readonly code: string;
      readonly detail: string;
      /** What the chain holds instead. */
      readonly stored: readonly (readonly [number, number])[];
    }
);
