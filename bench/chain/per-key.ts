import type { ApiPromise } from '@polkadot/api';
import type { ApiDecoration } from '@polkadot/api/types';
import type { Codec } from '@polkadot/types/types';
import { accountOf, bigintOf, blockOf, booleanOf, listOf, numberOf, optionOf } from '../../adapters/chain/decode.ts';
import { axonOf } from '../../adapters/chain/metagraph.ts';
import type { Neuron, SubnetSnapshot } from '../../domain/chain.ts';
import { blocks, type Hex, type Netuid, netuid as netuidOf, uid as uidOf } from '../../domain/units.ts';

/** How a reader goes about many reads: one after the other, or all at once. */
export type Pace = <T>(reads: readonly (() => Promise<T>)[]) => Promise<readonly T[]>;

export const oneByOne: Pace = async (reads) => {
  const found = [];
  for (const read of reads) found.push(await read());
  return found;
};

export const allAtOnce: Pace = (reads) => Promise.all(reads.map((read) => read()));

const ROOT_NETUID = 0;

/**
 * The values of a snapshot by one storage read each, as clients do it that go through the storage item by item: those
 * that the chain keeps as one vector of the whole subnet (active, permits, last updates) are read once.
 */
export async function readPerKey(api: ApiPromise, netuid: Netuid, at: Hex, pace: Pace): Promise<SubnetSnapshot> {
  const state = await api.at(at);
  const read = (item: string, ...keys: readonly (string | number)[]) => readItem(state, item, keys);
  const number = await state.query['system']?.['number']?.();
  const settings = [
    'SubnetOwnerHotkey',
    'Tempo',
    'WeightsSetRateLimit',
    'MinAllowedWeights',
    'WeightsVersionKey',
    'CommitRevealWeightsEnabled',
    'MaxAllowedUids',
    'SubnetworkN',
    'Active',
    'ValidatorPermit',
    'LastUpdate',
  ];
  const [owner, tempo, rateLimit, minAllowed, version, commitReveal, maxUids, count, ...vectors] = await pace(
    settings.map((item) => () => read(item, netuid)),
  );
  const taoWeight = bigintOf(await read('TaoWeight'), 'TaoWeight');
  const [active = [], permits = [], updates = []] = vectors.map((vector) => listOf(vector, 'a vector'));
  const neurons = await pace(
    Array.from({ length: numberOf(count, 'SubnetworkN') }, (_, index) => async (): Promise<Neuron> => {
      const hotkey = accountOf(await read('Keys', netuid, index), 'Keys');
      const [coldkey, axon, registered, alpha, root] = await pace([
        () => read('Owner', hotkey),
        () => read('Axons', netuid, hotkey),
        () => read('BlockAtRegistration', netuid, index),
        () => read('TotalHotkeyAlpha', hotkey, netuid),
        () => read('TotalHotkeyAlpha', hotkey, ROOT_NETUID),
      ]);
      const served = axon === undefined ? null : optionOf(axon, 'Axons');
      const stake = bigintOf(alpha, 'alpha') + ((bigintOf(root, 'alpha on root') * taoWeight) >> 64n);
      return {
        uid: uidOf(index),
        hotkey,
        coldkey: accountOf(coldkey, 'Owner'),
        axon: served === null ? null : axonOf(served),
        active: booleanOf(active[index], 'Active'),
        validatorPermit: booleanOf(permits[index], 'ValidatorPermit'),
        lastUpdate: updates[index] === undefined ? blocks(0) : blockOf(updates[index], 'LastUpdate'),
        registeredAt: blockOf(registered, 'BlockAtRegistration'),
        totalStakeRao: stake.toString(),
      };
    }),
  );
  return {
    block: { number: blockOf(number, 'System.Number'), hash: at },
    netuid: netuidOf(netuid),
    ownerHotkey: accountOf(owner, 'SubnetOwnerHotkey'),
    tempo: blockOf(tempo, 'Tempo'),
    weightsRateLimit: blockOf(rateLimit, 'WeightsSetRateLimit'),
    minAllowedWeights: numberOf(minAllowed, 'MinAllowedWeights'),
    weightsVersion: bigintOf(version, 'WeightsVersionKey').toString(),
    commitRevealEnabled: booleanOf(commitReveal, 'CommitRevealWeightsEnabled'),
    maxUids: numberOf(maxUids, 'MaxAllowedUids'),
    neurons,
  };
}

async function readItem(
  state: ApiDecoration<'promise'>,
  item: string,
  keys: readonly (string | number)[],
): Promise<Codec> {
  const name = `${item.charAt(0).toLowerCase()}${item.slice(1)}`;
  const entry = state.query['subtensorModule']?.[name];
  if (entry === undefined) throw new Error(`the chain has no SubtensorModule.${item}`);
  return entry(...keys);
}
