import type { ChainClient } from '../../adapters/chain/client.ts';
import type { BlockRef } from '../../domain/chain.ts';
import type { WeightsCall } from '../../domain/chain-write.ts';
import { type RevealSight, type SignedWrite, sameWeights } from '../../domain/signed-write.ts';
import { roundTimeMs } from '../../domain/timelock/beacon.ts';
import type { Hotkey } from '../../domain/units.ts';
import {
  aimedBlock,
  type CommitRevealState,
  firstRevealOf,
  revealWindow,
  type WeightsCommit,
} from '../../domain/weights-road.ts';

/** A commitment in a final block, on its way to being opened. */
export interface CommittedWeights {
  readonly hotkey: Hotkey;
  readonly call: WeightsCall;
  readonly signed: SignedWrite;
}

type Sight = RevealSight extends infer S ? (S extends unknown ? Omit<S, 'head'> : never) : never;

/** Blocks by which the aim of a round may shift before its place is worked out anew. */
const tolerableShift = 5;

/** Follows the chain's heads until there is something to say of a commitment. Null where `signal` came first. */
export async function watchReveal(
  client: ChainClient,
  committed: CommittedWeights,
  signal: AbortSignal,
): Promise<RevealSight | null> {
  const { commit } = committed.signed;
  if (commit === undefined) throw new TypeError('no commitment');
  for await (const head of client.heads({ signal })) {
    const sight = await sightAt(client, committed, commit, head);
    if (sight !== null) return { ...sight, head: head.number };
  }
  return null;
}

async function sightAt(
  client: ChainClient,
  committed: CommittedWeights,
  commit: WeightsCommit,
  head: BlockRef,
): Promise<Sight | null> {
  const { call, hotkey } = committed;
  const state = await client.commitReveal(call.netuid, call.mecid, hotkey, head.hash);
  if (commit.road === 'hash') {
    const entry = state.hashes.find(({ hash }) => hash === commit.hash);
    if (entry === undefined) return outcomeAt(client, committed, head, 'OST_CHAIN_COMMIT_MISSING');
    if (!state.enabled) return { kind: 'switched_off' };
    const window = revealWindow(state, entry);
    if (window.kind === 'early') return null;
    return window.kind === 'open'
      ? { kind: 'open' }
      : { kind: 'lost', code: 'OST_CHAIN_COMMIT_EXPIRED', detail: `committed in block ${entry.block}`, stored: [] };
  }
  const entry = state.timelocks.find(({ hash }) => hash === commit.hash);
  // The chain takes an entry out when it opens it, and when its epoch is over.
  if (entry === undefined) return outcomeAt(client, committed, head, 'OST_CHAIN_REVEAL_DROPPED');
  return misplaced(client, state, commit, entry.epoch, head);
}

/** Whether the chain holds the vector, now that its commitment is gone. */
async function outcomeAt(
  client: ChainClient,
  { call, hotkey, signed }: CommittedWeights,
  head: BlockRef,
  code: string,
): Promise<Sight> {
  const uid = await client.registration(call.netuid, hotkey, head.hash);
  const stored = uid === null ? [] : await client.weights(call.netuid, uid, call.mecid, head.hash);
  if (sameWeights(stored, signed.uids, signed.values)) return { kind: 'revealed', block: head.number };
  const detail = `block ${head.number} holds ${stored.length === 0 ? 'no' : 'other'} weights of ${hotkey}`;
  return { kind: 'lost', code, detail, stored };
}

/**
 * The round was chosen from the epochs as they stood; tempo or a pending epoch may have changed since. One that comes
 * after the reveal's epoch is lost for certain, so there is no use in waiting for it.
 */
async function misplaced(
  client: ChainClient,
  state: CommitRevealState,
  commit: Extract<WeightsCommit, { road: 'timelock' }>,
  epoch: number,
  head: BlockRef,
): Promise<Sight | null> {
  const first = firstRevealOf(state, epoch);
  if (first === null) return null;
  if (Math.abs(aimedBlock(first, state.tempo) - commit.revealBlock) <= tolerableShift) return null;
  const { beacon, nowMs } = await client.timelockTerms(head.hash);
  const leftMs = roundTimeMs(beacon, commit.round) - nowMs;
  const comesAt = head.number + Math.ceil(leftMs / (await client.blockTimeMs()));
  const last = first + state.tempo - 1;
  if (leftMs <= 0 || comesAt <= last) return null;
  const detail = `round ${commit.round} comes at about block ${comesAt}, and the reveal is over after ${last}`;
  return { kind: 'misplaced', detail };
}
