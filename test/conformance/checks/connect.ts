import { hexOf, quantity, record } from '../../../adapters/chain/json.ts';
import type { Check } from '../check.ts';
import { storedValue } from '../state.ts';
import { expectEqual, expectThat } from '../verdict.ts';

/** Thirty-two bytes whose key nobody can have. */
const nobody = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';
/** A subnet that no chain has. */
const nowhere = 4_000;

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
      const version = record(await rpc.call('state_getRuntimeVersion'), 'runtime version');
      const { specName, specVersion, transactionVersion } = client.runtime;
      for (const [name, value] of Object.entries({ specName, specVersion, transactionVersion })) {
        expectEqual(value, version[name], name);
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
    run: async (ground) => {
      const { rpc, netuid } = ground;
      const hash = hexOf(await rpc.call('chain_getBlockHash'), 'head hash');
      const header = record(await rpc.call('chain_getHeader', hash), 'header');
      const number = await storedValue(ground, 'System', 'Number', [], hash);
      expectEqual(Number(number?.toString()), quantity(header['number'], 'number'), 'System.Number');
      expectEqual(
        await storedValue(ground, 'SubtensorModule', 'Uids', [netuid, nobody], hash),
        null,
        'the uid of nobody',
      );
      const tempo = await storedValue(ground, 'SubtensorModule', 'Tempo', [nowhere], hash);
      expectThat(tempo !== null, 'no default of Tempo');
    },
  },
];
