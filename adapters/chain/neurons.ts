import type { Codec } from '@polkadot/types/types';
import type { Neuron, SubnetSnapshot } from '../../domain/chain.ts';
import { fail } from '../../domain/errors/error.ts';
import { blocks, type Hex, type Netuid, uid } from '../../domain/units.ts';
import { accountOf, bigintOf, blockOf, booleanOf, field, listOf, numberOf } from './decode.ts';
import { axonOf } from './metagraph.ts';
import type { BlockReader } from './reader.ts';
import type { Runtime } from './runtime.ts';
import { runtimeCall } from './runtime-call.ts';
import { type StorageSlot, slot } from './storage.ts';

/**
 * A subnet's snapshot on a runtime without a metagraph call: its settings by one storage read, which also says of which
 * block it is, and its neurons by one runtime call at that block.
 */

/** What `get_neurons_lite` gives where the metadata say nothing but bytes. */
const neuronLite = JSON.stringify({
  hotkey: 'AccountId32',
  coldkey: 'AccountId32',
  uid: 'Compact<u16>',
  netuid: 'Compact<u16>',
  active: 'bool',
  axonInfo: {
    block: 'u64',
    version: 'u32',
    ip: 'u128',
    port: 'u16',
    ipType: 'u8',
    protocol: 'u8',
    placeholder1: 'u8',
    placeholder2: 'u8',
  },
  prometheusInfo: { block: 'u64', version: 'u32', ip: 'u128', port: 'u16', ipType: 'u8' },
  stake: 'Vec<(AccountId32,Compact<u64>)>',
  rank: 'Compact<u16>',
  emission: 'Compact<u64>',
  incentive: 'Compact<u16>',
  consensus: 'Compact<u16>',
  trust: 'Compact<u16>',
  validatorTrust: 'Compact<u16>',
  dividends: 'Compact<u16>',
  lastUpdate: 'Compact<u64>',
  validatorPermit: 'bool',
  pruningScore: 'Compact<u16>',
});

/**
 * Registration blocks are asked for in the first read, before the number of neurons is known. Subnets have at most 256;
 * on a chain that allows more, a third request brings the rest.
 */
const usualNeurons = 256;

const settings = [
  'NetworksAdded',
  'SubnetworkN',
  'SubnetOwnerHotkey',
  'Tempo',
  'WeightsSetRateLimit',
  'MinAllowedWeights',
  'WeightsVersionKey',
  'CommitRevealWeightsEnabled',
  'MaxAllowedUids',
] as const;

export async function readNeurons(
  runtime: Runtime,
  reader: BlockReader,
  netuid: Netuid,
  at: Hex | undefined,
): Promise<SubnetSnapshot> {
  const subtensor = (item: string, ...args: readonly number[]) =>
    slot(runtime, 'SubtensorModule', item, netuid, ...args);
  const registrations = (from: number, to: number): readonly StorageSlot[] =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => subtensor('BlockAtRegistration', from + index));
  const slots = [
    slot(runtime, 'System', 'Number'),
    ...settings.map((item) => subtensor(item)),
    ...registrations(0, usualNeurons),
  ];
  const { block: hash, values } = await reader.valuesOf(slots, at);
  const named = new Map(settings.map((item, index) => [item, values[index + 1]]));
  const setting = (item: (typeof settings)[number]): Codec | undefined => named.get(item) ?? undefined;
  if (!booleanOf(setting('NetworksAdded'), 'NetworksAdded')) throw fail('OST_CHAIN_SUBNET_MISSING', { netuid });

  const registered = values.slice(settings.length + 1);
  const count = numberOf(setting('SubnetworkN'), 'SubnetworkN');
  if (count > usualNeurons) registered.push(...(await reader.values(registrations(usualNeurons, count), hash)));
  const { method, data, decode } = runtimeCall(
    runtime,
    'NeuronInfoRuntimeApi_get_neurons_lite',
    [netuid],
    `Vec<${neuronLite}>`,
  );
  const listed = listOf(decode(await reader.call(method, data, hash)), method);
  return {
    block: { number: blockOf(values[0] ?? undefined, 'System.Number'), hash },
    netuid,
    ownerHotkey: accountOf(setting('SubnetOwnerHotkey'), 'SubnetOwnerHotkey'),
    tempo: blockOf(setting('Tempo'), 'Tempo'),
    weightsRateLimit: blockOf(setting('WeightsSetRateLimit'), 'WeightsSetRateLimit'),
    minAllowedWeights: numberOf(setting('MinAllowedWeights'), 'MinAllowedWeights'),
    weightsVersion: bigintOf(setting('WeightsVersionKey'), 'WeightsVersionKey').toString(),
    commitRevealEnabled: booleanOf(setting('CommitRevealWeightsEnabled'), 'CommitRevealWeightsEnabled'),
    maxUids: numberOf(setting('MaxAllowedUids'), 'MaxAllowedUids'),
    neurons: listed.map((info) => neuronOf(info, registered)).sort((a, b) => a.uid - b.uid),
  };
}

function neuronOf(info: Codec, registered: readonly (Codec | null)[]): Neuron {
  const index = numberOf(field(info, 'uid'), 'uid');
  const registeredAt = registered[index];
  return {
    uid: uid(index),
    hotkey: accountOf(field(info, 'hotkey'), 'hotkey'),
    coldkey: accountOf(field(info, 'coldkey'), 'coldkey'),
    axon: axonOf(field(info, 'axonInfo')),
    validatorPermit: booleanOf(field(info, 'validatorPermit'), 'validatorPermit'),
    active: booleanOf(field(info, 'active'), 'active'),
    lastUpdate: blockOf(field(info, 'lastUpdate'), 'lastUpdate'),
    registeredAt: registeredAt == null ? blocks(0) : blockOf(registeredAt, 'BlockAtRegistration'),
    totalStakeRao: stakeOf(field(info, 'stake')).toString(),
  };
}

/** Pairs of coldkey and amount; there is no weighted figure here, so it is the hotkey's alpha on the subnet. */
function stakeOf(pairs: Codec): bigint {
  return listOf(pairs, 'stake').reduce((sum, pair) => {
    const [, amount] = Array.isArray(pair) ? pair : [];
    return sum + bigintOf(amount, 'stake');
  }, 0n);
}
