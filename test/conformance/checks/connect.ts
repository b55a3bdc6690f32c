import { slot } from '../../../adapters/chain/storage.ts';
import type { Check } from '../check.ts';
import { expectEqual, expectThat } from '../verdict.ts';

export const connectChecks: readonly Check[] = [
  {
    name: 'connect: the genesis hash is that of block 0',
    run: async ({ client, rpc }) => {
      expectEqual(client.genesis, await rpc.call('chain_getBlockHash', 0), 'the genesis hash');
    },
  },
  {
    name: 'connect: the version is that of the metadata in use',
    run: async ({ client, rpc }) => {
      const version = await rpc.call('state_getRuntimeVersion');
      const { specName, specVersion, transactionVersion } = client.runtime;
      for (const [name, value] of Object.entries({ specName, specVersion, transactionVersion })) {
        const told = typeof version === 'object' && version !== null ? Object.entries(version) : [];
        expectEqual(value, told.find(([key]) => key === name)?.[1], name);
      }
    },
  },
  {
    name: 'connect: metadata name every call and every value that the client uses',
    run: async ({ client }) => {
      const { tx, query } = client.runtime.meta;
      const calls = [
        ['subtensorModule', 'setWeights'],
        ['subtensorModule', 'serveAxon'],
        ['subtensorModule', 'commitWeights'],
        ['subtensorModule', 'revealWeights'],
        ['commitments', 'setCommitment'],
      ] as const;
      for (const [pallet, name] of calls) expectThat(tx[pallet]?.[name] !== undefined, `no call ${pallet}.${name}`);
      const items = ['uids', 'axons', 'weights', 'lastUpdate', 'tempo', 'weightsSetRateLimit', 'servingRateLimit'];
      for (const item of items) expectThat(query['subtensorModule']?.[item] !== undefined, `no value ${item}`);
    },
  },
  {
    name: 'decode: a value that is there, one that is absent, and one with a default',
    run: async ({ client, rpc, netuid }) => {
      const { runtime } = client;
      const number = slot(runtime, 'System', 'Number');
      const nobody = slot(
        runtime,
        'SubtensorModule',
        'Uids',
        netuid,
        '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM',
      );
      const nowhere = slot(runtime, 'SubtensorModule', 'Tempo', 4_000);
      const hash = String(await rpc.call('chain_getBlockHash'));
      const read = async (key: string) => {
        const value = await rpc.call('state_getStorage', key, hash);
        return typeof value === 'string' && value.startsWith('0x') ? (value as `0x${string}`) : null;
      };
      const header = await rpc.call('chain_getHeader', hash);
      const told = typeof header === 'object' && header !== null && 'number' in header ? Number(header.number) : null;
      expectEqual(Number(number.decode(await read(number.key))?.toString()), told, 'System.Number');
      expectEqual(nobody.decode(await read(nobody.key)), null, 'the uid of nobody');
      expectThat(nowhere.decode(await read(nowhere.key)) !== null, 'no default of Tempo');
    },
  },
];
