import type { SignedWrite } from './signed-write.ts';
import { type Blocks, type Hex, type Hotkey, type Netuid, netuid, type Uid } from './units.ts';

/** Bytes that this deployment signed: whatever else the hotkey sends is somebody else's. */
export type OwnExtrinsic = Pick<SignedWrite, 'hash' | 'nonce' | 'birth' | 'eraBlocks'>;

/** What a writer remembers of its hotkey on the chain, to notice what it did not write itself. */
export interface Footprint {
  /**
   * Below this nonce everything is accounted for: the account's at the head of the first look, then at finalized
   * heads. Null before the first look.
   */
  readonly nonce: number | null;
  /** What was signed, oldest first. */
  readonly own: readonly OwnExtrinsic[];
  /** The block of the newest change of each place that was looked at, by its name (see {@link placeName}). */
  readonly seen: Readonly<Record<string, Blocks>>;
}

export const emptyFootprint: Footprint = { nonce: null, own: [], seen: {} };

/** How many signed extrinsics are remembered: a writer has a handful in flight, and eras end. */
const keptOwn = 64;

/** Where the chain keeps one thing of a hotkey, so that a write takes the place of the one before. */
export type Place =
  | { readonly what: 'commitment'; readonly netuid: Netuid; readonly hotkey: Hotkey }
  | {
      readonly what: 'weights';
      readonly netuid: Netuid;
      readonly mecid: number;
      readonly hotkey: Hotkey;
      readonly uid: Uid;
    };

/** The name under which a place is remembered. */
export const placeName = (place: Place): string =>
  place.what === 'weights' ? `weights/${place.netuid}/${place.mecid}` : `commitment/${place.netuid}`;

/** A subnet's mechanism whose places were looked at. */
export interface LookedAt {
  readonly netuid: Netuid;
  readonly mecid: number;
}

/** Where there is something to look at again: every mechanism of every subnet that {@link Footprint.seen} names. */
export function placesLookedAt({ seen }: Footprint): readonly LookedAt[] {
  return Object.keys(seen).flatMap((name) => {
    const [, subnet, mecid] = /^weights\/(\d+)\/(\d+)$/.exec(name) ?? [];
    return subnet === undefined ? [] : [{ netuid: netuid(Number(subnet)), mecid: Number(mecid) }];
  });
}

/** What one look found. */
export interface Sighting {
  readonly nonce: number;
  readonly seen: Readonly<Record<string, Blocks>>;
  readonly foreign: ForeignWrite | null;
}

/** A write with this hotkey's key that this deployment did not sign. */
export interface ForeignWrite {
  readonly what: 'nonce' | 'commitment' | 'weights';
  readonly detail: string;
  /** Where it lies, as far as it was found. */
  readonly block: Blocks | null;
  readonly hash: Hex | null;
  /** The head at which it was noticed. */
  readonly head: Blocks;
}

/** The operator's word on which deployment goes on with the hotkey. */
export type ForeignDecision = 'this' | 'other';

export function remember(footprint: Footprint, { hash, nonce, birth, eraBlocks }: SignedWrite): Footprint {
  return { ...footprint, own: [...footprint.own, { hash, nonce, birth, eraBlocks }].slice(-keptOwn) };
}

export const looked = (footprint: Footprint, { nonce, seen }: Sighting): Footprint => ({
  ...footprint,
  // What was taken as it stood may lie above the finalized head, whose nonce is then behind.
  nonce: Math.max(footprint.nonce ?? 0, nonce),
  seen: { ...footprint.seen, ...seen },
});

/** Takes the chain as it stands from the next look on: what is there by then is nobody's fault. */
export const forgiven = (footprint: Footprint): Footprint => ({ ...footprint, nonce: null, seen: {} });
