import type { ChainClient } from '../../adapters/chain/client.ts';
import type { Neuron, SubnetSnapshot } from '../../domain/chain.ts';
import { chainLabel } from '../../domain/chain-label.ts';
import type { ChainCall } from '../../domain/chain-write.ts';
import { fail } from '../../domain/errors/error.ts';
import { type GuardVerdict, maxUpscale, sameWeights } from '../../domain/signed-write.ts';
import { type Blocks, blocks, type Hotkey } from '../../domain/units.ts';

export interface GuardInput {
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly call: ChainCall;
  readonly deadline: Blocks | null;
}

type Finding = GuardVerdict extends infer V ? (V extends unknown ? Omit<V, 'head' | 'blockTimeMs'> : never) : never;

/** Blocks after which a state that nothing but the chain can change is looked at again. */
export const stateRecheckBlocks = 10;

/**
 * Reads what the chain would say, before anything is signed: a refused extrinsic may cost a nonce and a block. All of
 * it is read at one block, and the chain has the last word anyhow.
 */
export async function guardWrite(client: ChainClient, input: GuardInput): Promise<GuardVerdict> {
  const { genesis, endpoint } = client;
  if (chainLabel(genesis) !== input.chain) {
    throw fail('OST_CHAIN_WRONG_GENESIS', { endpoint, expected: input.chain, found: genesis });
  }
  const snapshot = await client.snapshot(input.call.netuid);
  const head = snapshot.block.number;
  const blockTimeMs = await client.blockTimeMs();
  return { ...(await findingOf(client, input, snapshot)), head, blockTimeMs };
}

async function findingOf(client: ChainClient, input: GuardInput, snapshot: SubnetSnapshot): Promise<Finding> {
  const { call, deadline, hotkey } = input;
  const head = snapshot.block.number;
  // What is sent now is in the next block at the earliest.
  const late = deadline !== null && head + 1 > deadline;
  const neuron = snapshot.neurons.find((entry) => entry.hotkey === hotkey);
  if (neuron === undefined) {
    return late
      ? { kind: 'late' }
      : recheck(head, 'OST_CHAIN_NOT_REGISTERED', `${hotkey} has no uid on ${call.netuid}`);
  }
  switch (call.kind) {
    case 'set_commitment':
      return late ? { kind: 'late' } : { kind: 'go' };
    case 'serve_axon':
      return axonFinding(client, call, neuron, head, late);
    case 'set_weights':
      return weightsFinding(client, call, neuron, snapshot);
  }
}

async function axonFinding(
  client: ChainClient,
  call: Extract<ChainCall, { kind: 'serve_axon' }>,
  { axon }: Neuron,
  head: Blocks,
  late: boolean,
): Promise<Finding> {
  if (axon?.ip === call.ip && axon.port === call.port && axon.version === call.version) {
    return { kind: 'already', block: axon.block };
  }
  if (late) return { kind: 'late' };
  const limit = await client.parameter(call.netuid, 'ServingRateLimit');
  const allowed = axon === null ? 0 : axon.block + limit;
  if (head + 1 >= allowed) return { kind: 'go' };
  const detail = `served at ${axon?.block ?? 0}, allowed every ${limit} blocks`;
  return { kind: 'wait', block: blocks(allowed - 1), code: 'OST_CHAIN_SERVING_TOO_FAST', detail };
}

async function weightsFinding(
  client: ChainClient,
  call: Extract<ChainCall, { kind: 'set_weights' }>,
  neuron: Neuron,
  snapshot: SubnetSnapshot,
): Promise<Finding> {
  const { block, weightsRateLimit: limit } = snapshot;
  const head = block.number;
  if (snapshot.commitRevealEnabled) {
    return { kind: 'refused', code: 'OST_CHAIN_COMMIT_REVEAL', detail: `subnet ${call.netuid} has commit-reveal on` };
  }
  const last =
    call.mecid === 0 ? neuron.lastUpdate : await client.lastUpdate(call.netuid, neuron.uid, call.mecid, block.hash);
  if (last > call.period && (await isStored(client, call, neuron, snapshot))) return { kind: 'already', block: last };
  const selfOnly = call.weights.every(({ hotkey }) => hotkey === neuron.hotkey);
  if (!neuron.validatorPermit && !selfOnly && snapshot.ownerHotkey !== neuron.hotkey) {
    return recheck(head, 'OST_CHAIN_NO_PERMIT', `uid ${neuron.uid} of subnet ${call.netuid}`);
  }
  if (BigInt(snapshot.weightsVersion) > BigInt(call.versionKey)) {
    return recheck(head, 'OST_CHAIN_VERSION_KEY', `${call.versionKey}, wanted ${snapshot.weightsVersion}`);
  }
  const allowed = last === 0 ? 0 : last + limit;
  if (head + 1 >= allowed) return { kind: 'go' };
  const detail = `last at block ${last}, allowed every ${limit} blocks`;
  return { kind: 'wait', block: blocks(allowed - 1), code: 'OST_CHAIN_WEIGHTS_TOO_FAST', detail };
}

/** Whether the chain holds this very vector, by the uids of this block. */
async function isStored(
  client: ChainClient,
  call: Extract<ChainCall, { kind: 'set_weights' }>,
  neuron: Neuron,
  snapshot: SubnetSnapshot,
): Promise<boolean> {
  const uidOf = new Map(snapshot.neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  const known = call.weights.flatMap(({ hotkey, weight }) => {
    const uid = uidOf.get(hotkey);
    return uid === undefined ? [] : [{ uid, weight }];
  });
  const stored = await client.weights(call.netuid, neuron.uid, call.mecid, snapshot.block.hash);
  const uids = known.map(({ uid }) => uid);
  return sameWeights(stored, uids, maxUpscale(known.map(({ weight }) => weight)));
}

const recheck = (head: Blocks, code: string, detail: string): Finding => ({
  kind: 'wait',
  block: blocks(head + stateRecheckBlocks),
  code,
  detail,
});
