import { extrinsicHash } from '../../adapters/chain/block.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { BlockRef } from '../../domain/chain.ts';
import { type ChainFailure, classify, type FailureContext } from '../../domain/chain-failure.ts';
import type { ChainCall } from '../../domain/chain-write.ts';
import type { OwnExtrinsic } from '../../domain/foreign-write.ts';
import { type Confirmation, lastBlockOf, type SignedWrite, sameWeights } from '../../domain/signed-write.ts';
import { type Blocks, blocks, type Hex, type Hotkey } from '../../domain/units.ts';
import type { WeightsCommit } from '../../domain/weights-road.ts';
import { strangerBeside } from './places.ts';

/** What has to be known of a write to find it and to judge it. */
export interface WriteInProgress {
  readonly hotkey: Hotkey;
  readonly call: ChainCall;
  readonly signed: SignedWrite;
}

export interface Located {
  readonly block: BlockRef;
  readonly index: number;
}

/** Looks for an extrinsic by its hash in the blocks above `above` (its birth at first) up to the head. */
export async function locate(
  client: ChainClient,
  signed: OwnExtrinsic & { readonly bytes?: Hex },
  head: Blocks,
  above: number = signed.birth.number,
): Promise<Located | null> {
  for (let number = above + 1; number <= Math.min(head, lastBlockOf(signed)); number++) {
    const hash = await client.blockHash(number);
    const { extrinsics } = await client.body(hash);
    const index = extrinsics.findIndex((bytes) => bytes === signed.bytes || extrinsicHash(bytes) === signed.hash);
    if (index >= 0) return { block: { number: blocks(number), hash }, index };
  }
  return null;
}

/**
 * Says how an included extrinsic ended: by its events, and by the effect in the state of its block; and whether
 * somebody else wrote to the same place beside it.
 */
export async function judge(client: ChainClient, write: WriteInProgress, found: Located): Promise<Confirmation> {
  const { block, index } = found;
  const name = await client.dispatchError(block.hash, index);
  const failure =
    name === null ? await effectFailure(client, write, block) : await dispatchFailure(client, write, name, block);
  const foreign = await strangerBeside(client, write, found);
  return { kind: 'included', block, index, failure, ...(foreign === null ? {} : { foreign }) };
}

/**
 * Whether bytes that are in no block up to the head can never be in one. Only finalized blocks count: those above may
 * be replaced by others that hold it.
 */
export async function deathOf(
  client: ChainClient,
  { hotkey, signed }: WriteInProgress,
): Promise<'era passed' | 'nonce taken' | null> {
  const finalized = await client.finalizedHead();
  if (finalized.number >= lastBlockOf(signed)) return 'era passed';
  const { nonce } = await client.account(hotkey, finalized.hash);
  return nonce > signed.nonce ? 'nonce taken' : null;
}

async function dispatchFailure(
  client: ChainClient,
  write: WriteInProgress,
  name: string,
  block: BlockRef,
): Promise<ChainFailure> {
  const allowedAt = await allowedBlock(client, write, block).catch(() => null);
  return classify({ kind: 'dispatch', name }, contextOf(client, write.call, { eraPassed: false, allowedAt }));
}

/** From which block on the chain takes the call again, as far as its state tells. */
export async function allowedBlock(
  client: ChainClient,
  { call, hotkey }: Pick<WriteInProgress, 'call' | 'hotkey'>,
  at?: BlockRef,
): Promise<Blocks | null> {
  switch (call.kind) {
    case 'set_weights': {
      const uid = await client.registration(call.netuid, hotkey, at?.hash);
      if (uid === null) return null;
      const last = await client.lastUpdate(call.netuid, uid, call.mecid, at?.hash);
      return blocks(last + (await client.parameter(call.netuid, 'WeightsSetRateLimit', at?.hash)));
    }
    case 'serve_axon': {
      const axon = await client.axon(call.netuid, hotkey, at?.hash);
      const limit = await client.parameter(call.netuid, 'ServingRateLimit', at?.hash);
      return axon === null ? null : blocks(axon.block + limit);
    }
    case 'reveal_weights':
      // Its guard knows the window.
      return null;
    case 'set_commitment':
      return client.commitmentAllowedAt(call.netuid, hotkey, at?.hash);
  }
}

/** The classifier's context of a call. */
export const contextOf = (
  client: ChainClient,
  call: ChainCall,
  known: Pick<FailureContext, 'eraPassed' | 'allowedAt'>,
): FailureContext => ({
  // Commits and reveals meet the limits of weights.
  call: call.kind === 'reveal_weights' ? 'set_weights' : call.kind,
  poolCodes: client.capabilities.poolCodes,
  ...known,
});

async function effectFailure(
  client: ChainClient,
  { call, hotkey, signed }: WriteInProgress,
  block: BlockRef,
): Promise<ChainFailure | null> {
  const absent = (detail: string): ChainFailure => ({
    class: 'fatal',
    code: 'OST_CHAIN_EFFECT_ABSENT',
    detail: `block ${block.number}: ${detail}`,
    block: null,
  });
  switch (call.kind) {
    case 'set_commitment': {
      const stored = await client.commitment(call.netuid, hotkey, block.hash);
      return stored?.text === call.text ? null : absent('another commitment is stored');
    }
    case 'serve_axon': {
      const stored = await client.axon(call.netuid, hotkey, block.hash);
      return stored?.ip === call.ip && stored.port === call.port ? null : absent('another axon is stored');
    }
    case 'set_weights':
    case 'reveal_weights': {
      if (signed.commit !== undefined) return commitFailure(client, { call, hotkey, signed }, signed.commit, block);
      const uid = await client.registration(call.netuid, hotkey, block.hash);
      if (uid === null) return absent('the hotkey has no uid');
      const last = await client.lastUpdate(call.netuid, uid, call.mecid, block.hash);
      // A reveal leaves the block of its commitment.
      if (call.kind === 'set_weights' && last !== block.number) return absent(`the last update is at ${last}`);
      const stored = await client.weights(call.netuid, uid, call.mecid, block.hash);
      return sameWeights(stored, signed.uids, signed.values) ? null : absent('other weights are stored');
    }
  }
}

/** A commitment is there for its reveal: as the hash that was sent, or as the ciphertext. */
async function commitFailure(
  client: ChainClient,
  { call, hotkey }: WriteInProgress,
  commit: WeightsCommit,
  block: BlockRef,
): Promise<ChainFailure | null> {
  const mecid = 'mecid' in call ? call.mecid : 0;
  const state = await client.commitReveal(call.netuid, mecid, hotkey, block.hash);
  const entries = commit.road === 'hash' ? state.hashes : state.timelocks;
  if (entries.some(({ hash }) => hash === commit.hash)) return null;
  const detail = `block ${block.number}: the commitment ${commit.hash} is not stored`;
  return { class: 'fatal', code: 'OST_CHAIN_EFFECT_ABSENT', detail, block: null };
}
