import { connectChain } from '../../../adapters/chain/client.ts';
import type { Neuron } from '../../../domain/chain.ts';
import { type Hex, netuid as netuidOf } from '../../../domain/units.ts';
import { startProxy } from '../../adapters/chain/proxy.ts';
import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';
import { hasItem, storedValue } from '../state.ts';
import { expectEqual, expectThat } from '../verdict.ts';

/** A subnet that no chain has. */
const missingSubnet = netuidOf(4_000);

/** Neurons that are compared value by value: all of a staged subnet, some of a full one. */
const compared = 16;

/** A reader of single values at one block, past the client. */
const singleReads =
  (ground: Ground, at: Hex) =>
  async (item: string, ...keys: readonly (string | number)[]): Promise<unknown> =>
    (await storedValue(ground, 'SubtensorModule', item, keys, at))?.toJSON() ?? null;

async function compare(ground: Ground, neuron: Neuron, at: Hex): Promise<void> {
  const { client, netuid } = ground;
  const read = singleReads(ground, at);
  const column = async (item: string, none: unknown) => {
    const values = await read(item, netuid);
    return Array.isArray(values) ? (values[neuron.uid] ?? none) : none;
  };
  const { uid, hotkey } = neuron;
  const single = {
    uid: await read('Uids', netuid, hotkey),
    hotkey: await read('Keys', netuid, uid),
    coldkey: await read('Owner', hotkey),
    axon: await client.axon(netuid, hotkey, at),
    validatorPermit: await column('ValidatorPermit', false),
    active: await column('Active', false),
    lastUpdate: await column('LastUpdate', 0),
    registeredAt: await read('BlockAtRegistration', netuid, uid),
    totalStakeRao: neuron.totalStakeRao,
  };
  expectEqual(neuron, single, `neuron ${uid}`);
}

export const snapshotChecks: readonly Check[] = [
  {
    name: 'snapshot: takes two requests at most',
    run: async ({ url, netuid }) => {
      const proxy = await startProxy(url);
      const client = await connectChain({ endpoints: [proxy.url], timeoutMs: 60_000 });
      try {
        const before = proxy.methods.length;
        const { block } = await client.snapshot(netuid);
        const methods = proxy.methods.slice(before);
        expectThat(methods.length <= 2, `it takes ${methods.join(', ')}`);
        await client.snapshot(netuid, block.hash);
        expectThat(proxy.methods.length - before <= 4, 'it takes more at a given block');
      } finally {
        await client.close();
        await proxy.close();
      }
    },
  },
  {
    name: 'snapshot: equals single reads at its block',
    run: async (ground) => {
      const { client, netuid } = ground;
      const { neurons, block, ...subnet } = await client.snapshot(netuid);
      const read = singleReads(ground, block.hash);
      expectEqual(block, await client.block(block.number), 'the block');
      expectEqual(
        subnet,
        {
          netuid,
          ownerHotkey: await read('SubnetOwnerHotkey', netuid),
          tempo: await read('Tempo', netuid),
          weightsRateLimit: await read('WeightsSetRateLimit', netuid),
          minAllowedWeights: await read('MinAllowedWeights', netuid),
          weightsVersion: String(await read('WeightsVersionKey', netuid)),
          commitRevealEnabled: await read('CommitRevealWeightsEnabled', netuid),
          maxUids: await read('MaxAllowedUids', netuid),
        },
        'the subnet',
      );
      expectEqual(neurons.length, await read('SubnetworkN', netuid), 'the number of neurons');
      const step = Math.max(1, Math.floor(neurons.length / compared));
      for (const neuron of neurons.filter((_, index) => index % step === 0)) await compare(ground, neuron, block.hash);
    },
  },
  {
    name: 'snapshot: of a block of the past is of that block',
    run: async ({ client, netuid }) => {
      const head = await client.head();
      const earlier = await client.block(head.number - 1);
      expectEqual((await client.snapshot(netuid, earlier.hash)).block, earlier, 'the block');
    },
  },
  {
    name: 'snapshot: of a subnet that is not there is refused by name',
    run: async ({ client }) => {
      const refused = await client.snapshot(missingSubnet).then(
        () => null,
        (error: unknown) => error,
      );
      const code = refused instanceof Error && 'code' in refused ? refused.code : null;
      expectEqual(code, 'OST_CHAIN_SUBNET_MISSING', 'the refusal');
    },
  },
  {
    name: 'capabilities: the least stake for weights has the name that the metadata give it',
    run: async ({ client }) => {
      const { stakeThreshold } = client.capabilities;
      expectThat(stakeThreshold !== 'none', 'there is none');
      expectThat(hasItem(client.runtime, 'SubtensorModule', stakeThreshold), `there is no ${stakeThreshold}`);
    },
  },
];
