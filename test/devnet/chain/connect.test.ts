import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ApiPromise } from '@polkadot/api';
import { type Bench, called, hangUp, include, provider, raw, request, startBench, storedJson, tx } from './support.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
});

describe('a client', () => {
  test('connects with no options and no types of its own', async () => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const api = await ApiPromise.create({ provider: provider(bench.net.url) });
    expect(api.genesisHash.toHex()).toBe(bench.net.genesisHash);
    expect(api.runtimeVersion.specName.toString()).toBe('node-subtensor');
    expect(api.runtimeVersion.specVersion.toNumber()).toBe(424);
    expect(api.extrinsicVersion).toBe(4);
    // The extensions of Subtensor that carry no bytes: the one thing a client does not know.
    expect(warned.mock.calls.flat().join(' ')).toContain('SubtensorTransactionExtension');
    await hangUp(api);
    warned.mockRestore();
  });

  test('learns from the constants how long a block takes', () => {
    expect(bench.api.consts['timestamp']?.['minimumPeriod']?.toString()).toBe('50');
  });

  test('reads the same by HTTP as by WebSocket', async () => {
    const { number, hash } = await bench.net.buildBlock();
    expect(await request(bench.net, 'chain_getBlockHash', number)).toBe(hash);
    expect(await request(bench.net, 'system_chain')).toBe('Ostinato devnet');
    expect((await bench.api.rpc.chain.getBlockHash(number)).toHex()).toBe(hash);
  });

  test('computes the same block hashes, and each block names the one before', async () => {
    const { api, net } = bench;
    const parent = net.head().hash;
    const { hash } = await net.buildBlock();
    const header = await api.rpc.chain.getHeader(hash);
    expect(header.hash.toHex()).toBe(hash);
    expect(header.parentHash.toHex()).toBe(parent);
    expect((await api.rpc.chain.getHeader(net.genesisHash)).hash.toHex()).toBe(net.genesisHash);
    expect(await storedJson(api, 'system.blockHash', header.number.toNumber() - 1)).toBe(parent);
  });

  test('gets an answer for every request of a batch', async () => {
    const answers = await raw(bench.net, [
      { jsonrpc: '2.0', id: 'a', method: 'chain_getBlockHash', params: [0] },
      { jsonrpc: '2.0', id: 'b', method: 'no_such', params: [] },
    ]);
    expect(answers).toEqual([
      { jsonrpc: '2.0', id: 'a', result: bench.net.genesisHash },
      { jsonrpc: '2.0', id: 'b', error: { code: -32601, message: 'Method not found' } },
    ]);
  });
});

describe('the RPC interface', () => {
  test('answers what it does not know as a node does', async () => {
    const unknown = `0x${'12'.repeat(32)}`;
    const lost = {
      code: 4003,
      message: `Client error: UnknownBlock: Header was not found in the database: ${unknown}`,
    };
    await expect(request(bench.net, 'contracts_call')).rejects.toEqual({ code: -32601, message: 'Method not found' });
    await expect(request(bench.net, 'state_getStorage', '0x00', unknown)).rejects.toEqual(lost);
    await expect(request(bench.net, 'state_call', 'Core_version', '0x', unknown)).rejects.toEqual(lost);
    await expect(request(bench.net, 'state_getStorage', 'zz')).rejects.toMatchObject({ code: -32602 });
    await expect(request(bench.net, 'state_call', 'Nope_nope', '0x')).rejects.toMatchObject({
      code: 4003,
      message: 'Client error: Execution failed: Exported method Nope_nope is not found',
    });
    expect(await request(bench.net, 'chain_getHeader', unknown)).toBeNull();
    expect(await request(bench.net, 'chain_getBlock', unknown)).toBeNull();
    expect(await request(bench.net, 'chain_getBlockHash', 1_000_000)).toBeNull();
  });

  test('answers something that is no request at all', async () => {
    expect(await raw(bench.net, 7)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32600, message: 'Invalid request' },
    });
  });

  test('lists the methods that other clients look for', async () => {
    const { methods } = (await request(bench.net, 'rpc_methods')) as { readonly methods: readonly string[] };
    expect(methods).toEqual(
      expect.arrayContaining([
        'rpc_methods',
        'chain_getHead',
        'chain_getHeader',
        'chain_getBlockHash',
        'chain_getBlock',
        'chain_getFinalizedHead',
        'state_getRuntimeVersion',
        'state_getStorageAt',
        'state_getKeysPaged',
        'state_queryStorageAt',
        'state_call',
        'account_nextIndex',
        'author_submitAndWatchExtrinsic',
        'author_unwatchExtrinsic',
        'chain_subscribeNewHeads',
        'chain_unsubscribeNewHeads',
      ]),
    );
  });

  test('takes hex without 0x, as the Python clients send it', async () => {
    const version = '0f000000';
    expect(await request(bench.net, 'state_call', 'Metadata_metadata_at_version', version, null)).toEqual(
      await request(bench.net, 'state_call', 'Metadata_metadata_at_version', `0x${version}`),
    );
  });

  test('gives the metadata of a node: 14 plainly, 15 and 16 by the runtime call, others not at all', async () => {
    expect(String(await request(bench.net, 'state_getMetadata')).slice(0, 12)).toBe('0x6d6574610e');
    expect(await called(bench.api, 'metadata.metadataVersions')).toEqual([14, 15, 16]);
    expect(await request(bench.net, 'state_call', 'Metadata_metadata_at_version', '0x11000000')).toBe('0x00');
  });

  test('pages through keys in the order of their bytes', async () => {
    const { api } = bench;
    const keys = await api.query['system']?.['account']?.keys();
    const hexes = keys?.map((key) => key.toHex()) ?? [];
    expect(hexes).toHaveLength(6);
    expect([...hexes].sort()).toEqual(hexes);
    const prefix = hexes[0]?.slice(0, 66);
    const page = await request(bench.net, 'state_getKeysPaged', prefix, 2, hexes[1]);
    expect(page).toEqual(hexes.slice(2, 4));
    await expect(request(bench.net, 'state_getKeysPaged', prefix, 1001)).rejects.toMatchObject({ code: 4002 });
  });
});

describe('the metagraph', () => {
  test('tells of the subnet that the chain starts with', async () => {
    const metagraph = await called(bench.api, 'subnetInfoRuntimeApi.getMetagraph', 1);
    const [alice, bob] = [bench.key('//Alice').address, bench.key('//Bob').address];
    expect(metagraph).toMatchObject({
      netuid: 1,
      ownerHotkey: alice,
      tempo: 360,
      numUids: 2,
      minAllowedWeights: 1,
      weightsRateLimit: 100,
      commitRevealWeightsEnabled: false,
      hotkeys: [alice, bob],
      validatorPermit: [true, false],
      lastUpdate: [0, 0],
      totalStake: [10_000_000_000_000, 0],
    });
    expect(await called(bench.api, 'subnetInfoRuntimeApi.getMetagraph', 9)).toBeNull();
  });

  test('gives only the fields that were asked for', async () => {
    const selective = await called(bench.api, 'subnetInfoRuntimeApi.getSelectiveMetagraph', 1, [8, 52, 72]);
    const present = Object.entries(selective as Record<string, unknown>).filter(([, value]) => value !== null);
    expect(present.map(([name]) => name)).toEqual(['netuid', 'tempo', 'hotkeys', 'validators']);
    expect(Object.fromEntries(present)).toMatchObject({ tempo: 360, validators: [0] });
  });

  test('is the one of the block that was asked for', async () => {
    const { net, api, key } = bench;
    const before = net.head();
    await include(bench, tx(api, 'subtensorModule.serveAxon', 1, 1, 0x7f000002, 8091, 4, 4, 0, 0), key('//Bob'));
    const axonPort = async (hash: string) => {
      const at = await api.at(hash);
      const metagraph = await at.call['subnetInfoRuntimeApi']?.['getMetagraph']?.(1);
      const { axons } = Object(metagraph?.toJSON()) as { readonly axons: readonly { readonly port: number }[] };
      return axons[1]?.port;
    };
    expect([await axonPort(before.hash), await axonPort(net.head().hash)]).toEqual([0, 8091]);
    expect(await storedJson(api, 'subtensorModule.axons', 1, key('//Bob').address)).toMatchObject({
      ip: 2_130_706_434,
    });
  });
});
