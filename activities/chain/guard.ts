import type { ChainClient } from '../../adapters/chain/client.ts';
import type { Neuron, SubnetSnapshot } from '../../domain/chain.ts';
import type { ChainCall, RevealCall, WeightsCall } from '../../domain/chain-write.ts';
import type { Footprint } from '../../domain/foreign-write.ts';
import { type GuardVerdict, maxUpscale, sameWeights } from '../../domain/signed-write.ts';
import { roundAt } from '../../domain/timelock/beacon.ts';
import { type Blocks, blocks, type Hotkey } from '../../domain/units.ts';
import { revealWindow } from '../../domain/weights-road.ts';
import { checkChain, lookForOthers } from './foreign.ts';

export interface GuardInput {
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly call: ChainCall;
  readonly deadline: Blocks | null;
  /** What the writer remembers of its hotkey; nothing is looked for where it is left out. */
  readonly footprint?: Footprint;
}

type Finding = GuardVerdict extends infer V
  ? V extends unknown
    ? Omit<V, 'head' | 'blockTimeMs' | 'sighting'>
    : never
  : never;

/** Blocks after which a state that nothing but the chain can change is looked at again. */
export const stateRecheckBlocks = 10;

/**
 * Reads what the chain would say, before anything is signed: a refused extrinsic may cost a nonce and a block. All of
 * it is read at one block, and the chain has the last word anyhow.
 */
export async function guardWrite(client: ChainClient, input: GuardInput): Promise<GuardVerdict> {
  checkChain(client, input.chain);
  const snapshot = await client.snapshot(input.call.netuid);
  const head = snapshot.block.number;
  const blockTimeMs = await client.blockTimeMs();
  const { hotkey, call, footprint } = input;
  const sighting =
    footprint === undefined
      ? {}
      : { sighting: await lookForOthers(client, { hotkey, mecid: mecidOf(call), footprint, snapshot }) };
  return { ...(await findingOf(client, input, snapshot)), head, blockTimeMs, ...sighting };
}

const mecidOf = (call: ChainCall): number => ('mecid' in call ? call.mecid : 0);

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
    case 'reveal_weights':
      return revealFinding(client, call, neuron, snapshot);
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
  call: WeightsCall,
  neuron: Neuron,
  snapshot: SubnetSnapshot,
): Promise<Finding> {
  const { block, weightsRateLimit: limit } = snapshot;
  const head = block.number;
  const last =
    call.mecid === 0 ? neuron.lastUpdate : await client.lastUpdate(call.netuid, neuron.uid, call.mecid, block.hash);
  if (!snapshot.commitRevealEnabled && last > call.period && (await isStored(client, call, neuron, snapshot)))
    return { kind: 'already', block: last };
  const selfOnly = call.weights.every(({ hotkey }) => hotkey === neuron.hotkey);
  if (!neuron.validatorPermit && !selfOnly && snapshot.ownerHotkey !== neuron.hotkey) {
    return recheck(head, 'OST_CHAIN_NO_PERMIT', `uid ${neuron.uid} of subnet ${call.netuid}`);
  }
  if (BigInt(snapshot.weightsVersion) > BigInt(call.versionKey)) {
    return recheck(head, 'OST_CHAIN_VERSION_KEY', `${call.versionKey}, wanted ${snapshot.weightsVersion}`);
  }
  const allowed = last === 0 ? 0 : last + limit;
  if (head + 1 >= allowed) return snapshot.commitRevealEnabled ? commitRoad(client, call, neuron, snapshot) : plain;
  const detail = `last at block ${last}, allowed every ${limit} blocks`;
  return { kind: 'wait', block: blocks(allowed - 1), code: 'OST_CHAIN_WEIGHTS_TOO_FAST', detail };
}

const plain: Finding = { kind: 'go', road: 'plain' };

/** Blocks of an epoch that a timelocked commitment needs before it: the era's, and the finality lag's. */
const roomForTimelock = 8;

/** The chain's workers bring rounds within a block or two; a lag of minutes is an outage that may outlast an epoch. */
const longestBeaconLagSeconds = 600;

/** Timelocked where the chain has it; a hash, which has to be opened by hand, elsewhere. */
async function commitRoad(
  client: ChainClient,
  { netuid, mecid }: WeightsCall,
  { hotkey }: Neuron,
  { block, tempo }: SubnetSnapshot,
): Promise<Finding> {
  if (!client.capabilities.timelock) return { kind: 'go', road: 'hash' };
  const { nextEpoch } = await client.commitReveal(netuid, mecid, hotkey, block.hash);
  const { beacon, lastStoredRound, nowMs } = await client.timelockTerms(block.hash);
  const lagSeconds = (roundAt(beacon, nowMs) - lastStoredRound) * beacon.periodS;
  // Without its rounds the chain opens nothing, and says nothing of it either.
  if (nextEpoch === null || lagSeconds > longestBeaconLagSeconds) return { kind: 'go', road: 'hash' };
  // Its round is chosen for this epoch: in the next one it would be out before the reveal, for everybody to read.
  const left = nextEpoch - block.number;
  if (left > roomForTimelock || tempo <= roomForTimelock) return { kind: 'go', road: 'timelock' };
  const detail = `the epoch of block ${nextEpoch} is near`;
  return { kind: 'wait', block: blocks(Math.max(nextEpoch, block.number + 1)), code: 'OST_CHAIN_EPOCH_NEAR', detail };
}

async function revealFinding(
  client: ChainClient,
  call: RevealCall,
  neuron: Neuron,
  { block }: SubnetSnapshot,
): Promise<Finding> {
  const { netuid, mecid } = call;
  const state = await client.commitReveal(netuid, mecid, neuron.hotkey, block.hash);
  const entry = state.hashes.find(({ hash }) => hash === call.commit);
  if (entry === undefined) {
    const stored = await client.weights(netuid, neuron.uid, mecid, block.hash);
    if (sameWeights(stored, call.uids, call.values)) return { kind: 'already', block: block.number };
    return { kind: 'refused', code: 'OST_CHAIN_COMMIT_MISSING', detail: `no commitment ${call.commit}` };
  }
  if (!state.enabled) {
    return { kind: 'refused', code: 'OST_CHAIN_COMMIT_REVEAL', detail: `subnet ${netuid} has commit-reveal off` };
  }
  const window = revealWindow(state, entry);
  switch (window.kind) {
    case 'open':
      return { kind: 'go' };
    case 'over':
      return { kind: 'refused', code: 'OST_CHAIN_COMMIT_EXPIRED', detail: `of block ${entry.block}` };
    case 'early': {
      const detail = `the window opens at ${window.from}`;
      return { kind: 'wait', block: blocks(window.from - 1), code: 'OST_CHAIN_REVEAL_TOO_EARLY', detail };
    }
  }
}

/** Whether the chain holds this very vector, by the uids of this block. */
async function isStored(
  client: ChainClient,
  call: WeightsCall,
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
