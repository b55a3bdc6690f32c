import { decodeExtrinsic, extrinsicHash } from '../../adapters/chain/block.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { SubnetSnapshot } from '../../domain/chain.ts';
import { chainLabel } from '../../domain/chain-label.ts';
import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import {
  type Footprint,
  type ForeignWrite,
  looked,
  placeName,
  placesLookedAt,
  type Sighting,
} from '../../domain/foreign-write.ts';
import { type Blocks, blocks, type Hotkey } from '../../domain/units.ts';
import { locate } from './confirm.ts';
import { type Changed, changedAt, changeIn, changesOf } from './places.ts';

/**
 * How far back the culprit is looked for, to name it; that there is one is certain without. More than an idle writer
 * means to let pass between two looks.
 */
const searchBlocks = 32;

/** @throws OST_CHAIN_WRONG_GENESIS where the client is connected to another chain than the writer's */
export function checkChain({ genesis, endpoint }: ChainClient, chain: string): void {
  if (chainLabel(genesis) !== chain) {
    throw fail('OST_CHAIN_WRONG_GENESIS', { endpoint, expected: chain, found: genesis });
  }
}

interface Looked {
  readonly hotkey: Hotkey;
  /** The mechanism whose weights are looked at, beside those of mechanism 0. */
  readonly mecid: number;
  readonly footprint: Footprint;
  readonly snapshot: SubnetSnapshot;
}

/**
 * Looks for what was written with the hotkey's key and not by this deployment: a nonce that no signed extrinsic of
 * ours explains, or a commitment or weights that no extrinsic of ours explains (a proxy moves no nonce). What is
 * there at the first look is taken as it stands.
 */
export async function lookForOthers(client: ChainClient, look: Looked): Promise<Sighting> {
  const { hotkey, snapshot } = look;
  const head = snapshot.block;
  // The first look takes all that is there, final or not: what an operator has just decided on is a few blocks old.
  const known = look.footprint.nonce === null ? head : await client.finalizedHead();
  const { nonce } = await client.account(hotkey, known.hash);
  const changes = await changesOf(client, look);
  const seen = Object.fromEntries(changes.map(({ place, block }) => [placeName(place), block]));
  const foreign =
    (await strangeNonce(client, look)) ?? (await firstOf(changes, (changed) => strangeChange(client, look, changed)));
  return { nonce, seen, foreign: foreign === null ? null : { ...foreign, head: head.number } };
}

export interface AroundInput {
  /** The chain's label. */
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly footprint: Footprint;
}

export interface Around {
  readonly sighting: Sighting | null;
  readonly head: Blocks;
  readonly blockTimeMs: number;
}

/** Looks at all places that were looked at before; null where there is none. The first foreign write ends it. */
export async function lookAround(client: ChainClient, { chain, hotkey, footprint }: AroundInput): Promise<Around> {
  checkChain(client, chain);
  let sighting: Sighting | null = null;
  let known = footprint;
  for (const { netuid, mecid } of placesLookedAt(footprint)) {
    const snapshot = await client.snapshot(netuid);
    // The nonces below the last finalized look stay known; what a place showed is not forgotten for the next one.
    const found = await lookForOthers(client, { hotkey, mecid, footprint, snapshot });
    known = looked(known, found);
    sighting = { ...found, nonce: known.nonce ?? found.nonce, seen: known.seen };
    if (found.foreign !== null) break;
  }
  const [head, blockTimeMs] = await Promise.all([client.head(), client.blockTimeMs()]);
  return { sighting, head: head.number, blockTimeMs };
}

type Found = Omit<ForeignWrite, 'head'>;

/** A nonce that was used between the last finalized look and this head, and by no extrinsic of ours. */
async function strangeNonce(client: ChainClient, { hotkey, footprint, snapshot }: Looked): Promise<Found | null> {
  if (footprint.nonce === null) return null;
  const { hash, number: head } = snapshot.block;
  const { nonce } = await client.account(hotkey, hash);
  for (let used = footprint.nonce; used < nonce; used++) {
    const candidates = footprint.own.filter((own) => own.nonce === used);
    const found = await firstOf(candidates, (own) => locate(client, own, head));
    if (found !== null) continue;
    const culprit = await culpritOf(client, hotkey, footprint, head);
    const detail = `nonce ${used} was used${culprit === null ? '' : ` by ${culprit.call} in block ${culprit.block}`}`;
    return { what: 'nonce', detail, block: culprit?.block ?? null, hash: culprit?.hash ?? null };
  }
  return null;
}

/**
 * What changed a place since the last look and is not ours: in a block that holds none of our extrinsics, or beside
 * one of ours. Each of our own writes may cover up somebody else's, so the state before it is looked at, too.
 */
async function strangeChange(client: ChainClient, { footprint }: Looked, changed: Changed): Promise<Found | null> {
  const { place, block } = changed;
  const before = footprint.seen[placeName(place)];
  if (footprint.nonce === null || before === undefined) return null;
  const own = new Set(footprint.own.map(({ hash }) => hash));
  for (let at = block; at > before; ) {
    const hash = await client.blockHash(at);
    const { extrinsics } = await client.body(hash);
    const hashes = extrinsics.map(extrinsicHash);
    if (!hashes.some((each) => own.has(each))) return changeIn(place, at, null);
    try {
      const stranger = (await client.writesTo(place, hash)).find((index) => !own.has(hashes[index] ?? '0x'));
      if (stranger !== undefined) return changeIn(place, at, hashes[stranger] ?? null);
      at = await changedAt(client, changed, await client.blockHash(at - 1));
    } catch (error) {
      // A writer that was away for long finds states gone; what it sees of the present still counts.
      if (isOstinatoError(error, 'OST_CHAIN_STATE_PRUNED')) return null;
      throw error;
    }
  }
  return null;
}

async function culpritOf(client: ChainClient, hotkey: Hotkey, { own }: Footprint, head: Blocks) {
  const ours = new Set(own.map(({ hash }) => hash));
  for (let number = head; number > Math.max(0, head - searchBlocks); number--) {
    const { extrinsics } = await client.body(await client.blockHash(number));
    for (const bytes of extrinsics) {
      const hash = extrinsicHash(bytes);
      if (ours.has(hash)) continue;
      const { isSigned, method, signer } = decodeExtrinsic(client.runtime, bytes);
      if (!isSigned || signer.toString() !== hotkey) continue;
      return { block: blocks(number), hash, call: `${method.section}.${method.method}` };
    }
  }
  return null;
}

/** The first answer that is something. */
async function firstOf<T, R>(items: readonly T[], ask: (item: T) => Promise<R | null>): Promise<R | null> {
  for (const item of items) {
    const answer = await ask(item);
    if (answer !== null) return answer;
  }
  return null;
}
