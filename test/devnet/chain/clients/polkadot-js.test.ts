import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ApiPromise } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { ISubmittableResult } from '@polkadot/types/types';
import { stringToHex } from '@polkadot/util';
import { type Bench, called, customError, hangUp, provider, startBench, storedJson, type Tx, tx } from '../support.ts';

/**
 * polkadot.js as an application uses it: created with nothing but an address, signing with eras and nonces of its own.
 */
const NETUID = 1;
let bench: Bench;
let api: ApiPromise;

beforeAll(async () => {
  bench = await startBench({ subnet: { servingRateLimit: 0 } });
  const quiet = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  api = await ApiPromise.create({ provider: provider(bench.net.url) });
  quiet.mockRestore();
});
afterAll(async () => {
  await hangUp(api);
  await bench.close();
});

const [alice, bob] = ['//Alice', '//Bob'];
const address = (uri: string) => bench.key(uri).address;

/** Signs and sends as an application does, building blocks until the transaction is final. */
async function finalised(call: Tx, who: KeyringPair): Promise<ISubmittableResult> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      bench.net.buildBlock().catch(reject);
    }, 20);
    const end = () => clearInterval(timer);
    call
      .signAndSend(who, (result) => {
        if (!result.isFinalized && !result.isError) return;
        end();
        resolve(result);
      })
      .catch((error: unknown) => {
        end();
        reject(error);
      });
  });
}

const names = ({ events }: ISubmittableResult) => events.map(({ event }) => `${event.section}.${event.method}`);

describe('polkadot.js', () => {
  test('takes the highest version of metadata, and knows every runtime API by it', () => {
    expect(api.runtimeMetadata.version).toBe(16);
    expect(Object.keys(api.call)).toEqual(
      expect.arrayContaining([
        'neuronInfoRuntimeApi',
        'subnetInfoRuntimeApi',
        'stakeInfoRuntimeApi',
        'swapRuntimeApi',
        'transactionPaymentApi',
      ]),
    );
  });

  test('reads a subnet in every way that the chain offers, and all of them agree', async () => {
    const hotkeys = [address(alice), address(bob)];
    const whole = await called(api, 'subnetInfoRuntimeApi.getMetagraph', NETUID);
    const selected = await called(api, 'subnetInfoRuntimeApi.getSelectiveMechagraph', NETUID, 0, [52, 57, 69]);
    const state = await called(api, 'subnetInfoRuntimeApi.getSubnetState', NETUID);
    const stakes = { totalStake: [10_000_000_000_000, 0] };
    for (const each of [whole, selected, state]) {
      expect(each).toMatchObject({ netuid: NETUID, hotkeys, validatorPermit: [true, false], ...stakes });
    }
    const neurons = await called(api, 'neuronInfoRuntimeApi.getNeurons', NETUID);
    const lite = await called(api, 'neuronInfoRuntimeApi.getNeuronsLite', NETUID);
    for (const list of [neurons, lite]) {
      expect(list).toMatchObject(hotkeys.map((hotkey, uid) => ({ hotkey, uid, netuid: NETUID })));
    }
    expect(await called(api, 'neuronInfoRuntimeApi.getNeuron', NETUID, 1)).toMatchObject({ hotkey: address(bob) });
    expect(await called(api, 'neuronInfoRuntimeApi.getNeuronLite', NETUID, 9)).toBeNull();
    expect(await called(api, 'subnetInfoRuntimeApi.getDynamicInfo', NETUID)).toMatchObject({ ownerHotkey: hotkeys[0] });
  });

  test('signs a transfer and decodes its events', async () => {
    const result = await finalised(
      tx(api, 'balances.transferKeepAlive', address('//New'), 7_000_000_000n),
      bench.key(alice),
    );
    expect(result.dispatchError).toBeUndefined();
    expect(names(result)).toContain('balances.Transfer');
    const moved = result.events.find(({ event }) => event.method === 'Transfer');
    expect(moved?.event.data.toJSON()).toEqual([address(alice), address('//New'), 7_000_000_000]);
    expect(await storedJson(api, 'system.account', address('//New'))).toMatchObject({ data: { free: 7_000_000_000 } });
  });

  test('signs a remark, whose hash is in the event', async () => {
    const remark = stringToHex('an ostinato');
    const result = await finalised(tx(api, 'system.remarkWithEvent', remark), bench.key(alice));
    expect(names(result)).toContain('system.Remarked');
    expect((await finalised(tx(api, 'system.remark', remark), bench.key(alice))).dispatchError).toBeUndefined();
  });

  test('serves an axon, which the metagraph then shows', async () => {
    const served = await finalised(
      tx(api, 'subtensorModule.serveAxon', NETUID, 1, 0x0a010203, 8091, 4, 4, 0, 0),
      bench.key(bob),
    );
    expect(names(served)).toContain('subtensorModule.AxonServed');
    expect(await called(api, 'subnetInfoRuntimeApi.getMetagraph', NETUID)).toMatchObject({
      axons: [{ port: 0 }, { ip: 0x0a010203, port: 8091 }],
    });
  });

  test('reads why a call failed in its block, in a sentence', async () => {
    const failed = await finalised(
      tx(api, 'commitments.setCommitment', NETUID, { fields: [{ Raw1: '0x01' }] }),
      bench.key('//New'),
    );
    const error = failed.dispatchError;
    if (error === undefined || !error.isModule) throw new Error('not refused');
    const { section, name, docs } = api.registry.findMetaError(error.asModule);
    expect([section, name]).toEqual(['commitments', 'AccountNotAllowedCommit']);
    expect(docs.join(' ')).toMatch(/^Only hotkeys of the subnet .*\.$/);
  });

  describe('whose transaction the pool refuses', () => {
    beforeEach(() => {
      jest.spyOn(console, 'error').mockImplementation(() => undefined); // it logs the refusal by itself
    });

    test('rejects with the code, the message and the reason of a node', async () => {
      const stranger = bench.key('//Stranger');
      await expect(
        finalised(tx(api, 'subtensorModule.serveAxon', NETUID, 1, 0x0a010203, 8091, 4, 4, 0, 0), stranger),
      ).rejects.toMatchObject({
        ...customError(10),
        message: '1010: Invalid Transaction: Custom error: 10',
      });
      await expect(finalised(tx(api, 'balances.transferKeepAlive', address(bob), 1), stranger)).rejects.toMatchObject({
        code: 1010,
        data: 'Inability to pay some fees (e.g. account balance too low)',
      });
      jest.restoreAllMocks();
    });
  });
});
