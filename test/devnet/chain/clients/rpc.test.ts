import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compactStripLength, hexToU8a, u8aToHex } from '@polkadot/util';
import { WebSocket } from 'ws';
import { type Bench, eventually, request, startBench, stored, tx } from '../support.ts';

/**
 * What the Bittensor SDKs ask of a node besides what polkadot.js does: names, shapes and parameters as they send them.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
});

interface Notice {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: { readonly subscription: string; readonly result: unknown };
}

/** A bare WebSocket with everything that came over it. */
async function socket() {
  const ws = new WebSocket(bench.net.url);
  const seen: Notice[] = [];
  ws.on('message', (data) => seen.push(JSON.parse(String(data)) as Notice));
  await new Promise((resolve) => ws.once('open', resolve));
  let last = 0;
  return {
    seen,
    ask: async (method: string, ...params: unknown[]): Promise<unknown> => {
      const id = ++last;
      ws.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      const answered = () => seen.find((message) => message.id === id);
      await eventually(answered, (message) => message !== undefined);
      return answered()?.result;
    },
    close: async () => {
      const closed = new Promise((resolve) => ws.once('close', resolve));
      ws.close();
      await closed;
    },
  };
}

describe('the node', () => {
  test('tells head, header, block and hash under the names that the SDK uses', async () => {
    const { hash, number } = await bench.net.buildBlock();
    expect(await request(bench.net, 'chain_getHead')).toBe(hash);
    expect(await request(bench.net, 'chain_getBlockHash', number)).toBe(hash);
    const header = await request(bench.net, 'chain_getHeader', hash);
    expect(header).toMatchObject({ number: `0x${number.toString(16)}`, digest: { logs: [] } });
    expect(await request(bench.net, 'chain_getHeader', null)).toEqual(header);
    expect(await request(bench.net, 'chain_getBlock', hash)).toMatchObject({ block: { header }, justifications: null });
    const finalised = await request(bench.net, 'chain_getFinalizedHead');
    expect(await request(bench.net, 'chain_getHeader', finalised)).toMatchObject({ number: expect.any(String) });
  });

  test('tells its version at a block and at none', async () => {
    const version = await request(bench.net, 'state_getRuntimeVersion', null);
    expect(version).toMatchObject({ specName: 'node-subtensor', specVersion: 424, transactionVersion: 1 });
    expect(await request(bench.net, 'state_getRuntimeVersion', bench.net.head().hash)).toEqual(version);
  });

  test('reads one key, a page of keys and many values at a block', async () => {
    const { api } = bench;
    const head = bench.net.head().hash;
    const entry = api.query['subtensorModule']?.['networksAdded'];
    if (entry === undefined) throw new Error('no such storage');
    const prefix = entry.keyPrefix();
    const keys = (await request(bench.net, 'state_getKeysPaged', prefix, 100, prefix, head)) as string[];
    expect(keys).toEqual([entry.key(0), entry.key(1)]);
    expect(await request(bench.net, 'state_getStorageAt', entry.key(1), head)).toBe('0x01');
    expect(await request(bench.net, 'state_getStorageAt', entry.key(7), head)).toBeNull();
    expect(await request(bench.net, 'state_queryStorageAt', keys, head)).toEqual([
      { block: head, changes: keys.map((key) => [key, '0x01']) },
    ]);
  });

  test('counts nonces with what waits in the pool, by both names', async () => {
    const alice = bench.key('//Alice');
    const nonce = await request(bench.net, 'account_nextIndex', alice.address);
    const signed = await tx(bench.api, 'system.remark', '0x01').signAsync(alice, { era: 0, nonce: Number(nonce) });
    await request(bench.net, 'author_submitExtrinsic', signed.toHex());
    expect(await request(bench.net, 'account_nextIndex', alice.address)).toBe(Number(nonce) + 1);
    expect(await request(bench.net, 'system_accountNextIndex', alice.address)).toBe(Number(nonce) + 1);
    const counted = await request(bench.net, 'state_call', 'AccountNonceApi_account_nonce', u8aToHex(alice.publicKey));
    expect(hexToU8a(String(counted))[0]).toBe(nonce);
    await bench.net.buildBlock();
  });

  test('sends a transaction its notices under the name that a node gives them, until it is unwatched', async () => {
    const client = await socket();
    const send = async (data: string) => {
      const signed = await tx(bench.api, 'system.remark', data).signAsync(bench.key('//Bob'), { era: 0, nonce: -1 });
      return client.ask('author_submitAndWatchExtrinsic', signed.toHex().slice(2));
    };
    const notices = (id: unknown) => client.seen.filter(({ params }) => params?.subscription === id);
    const watched = await send('0x02');
    const { hash } = await bench.net.buildBlock();
    await eventually(
      () => notices(watched),
      (found) => found.length === 3,
    );
    expect(new Set(notices(watched).map(({ method }) => method))).toEqual(new Set(['author_extrinsicUpdate']));
    expect(notices(watched).map(({ params }) => params?.result)).toEqual([
      'ready',
      { broadcast: [expect.any(String)] },
      { inBlock: hash },
    ]);
    expect(await client.ask('author_unwatchExtrinsic', watched)).toBe(true);
    expect(await client.ask('author_unwatchExtrinsic', watched)).toBe(false);

    const other = await send('0x03');
    for (let built = 0; built < 3; built++) await bench.net.buildBlock();
    await eventually(
      () => notices(other),
      (found) => found.length === 4,
    );
    expect(notices(other).at(-1)?.params?.result).toEqual({ finalized: expect.any(String) });
    expect(notices(watched)).toHaveLength(3);
    await client.close();
  });

  test('sends new heads under the name that a node gives them', async () => {
    const client = await socket();
    const id = await client.ask('chain_subscribeNewHeads');
    const heads = () => client.seen.filter(({ params }) => params?.subscription === id);
    const { number } = await bench.net.buildBlock();
    await eventually(heads, (found) => found.length === 2);
    expect(heads().map(({ method }) => method)).toEqual(['chain_newHead', 'chain_newHead']);
    expect(heads().at(-1)?.params?.result).toMatchObject({ number: `0x${number.toString(16)}` });
    expect(await client.ask('chain_unsubscribeNewHeads', id)).toBe(true);
    await client.close();
  });

  test('answers the methods of Subtensor itself with the bytes of the runtime call', async () => {
    const cases = [
      ['neuronInfo_getNeuron', [1, 0], 'NeuronInfoRuntimeApi_get_neuron', '0x01000000'],
      ['neuronInfo_getNeurons', [1], 'NeuronInfoRuntimeApi_get_neurons', '0x0100'],
      ['neuronInfo_getNeuronsLite', [1], 'NeuronInfoRuntimeApi_get_neurons_lite', '0x0100'],
      ['neuronInfo_getNeuronLite', [1, 1], 'NeuronInfoRuntimeApi_get_neuron_lite', '0x01000100'],
      ['subnetInfo_getMetagraph', [1], 'SubnetInfoRuntimeApi_get_metagraph', '0x0100'],
      [
        'subnetInfo_getSelectiveMetagraph',
        [1, [8, 52]],
        'SubnetInfoRuntimeApi_get_selective_metagraph',
        '0x01000808003400',
      ],
    ] as const;
    for (const [method, params, runtimeCall, args] of cases) {
      const listed = (await request(bench.net, method, ...params, bench.net.head().hash)) as number[];
      expect(u8aToHex(Uint8Array.from(listed))).toBe(await request(bench.net, 'state_call', runtimeCall, args));
    }
    const delegate = (await request(bench.net, 'delegateInfo_getDelegate', bench.key('//Alice').address)) as number[];
    expect(u8aToHex(Uint8Array.from(delegate.slice(1, 33)))).toBe(u8aToHex(bench.key('//Alice').publicKey));
    await expect(request(bench.net, 'neuronInfo_getNeuron', 1)).rejects.toMatchObject({ code: -32602 });
  });

  test('says of an unknown method, runtime call or argument what a node says', async () => {
    await expect(request(bench.net, 'neuronInfo_getNothing', 1)).rejects.toEqual({
      code: -32601,
      message: 'Method not found',
    });
    await expect(request(bench.net, 'state_call', 'SwapRuntimeApi_nothing', '', null)).rejects.toEqual({
      code: 4003,
      message: 'Client error: Execution failed: Exported method SwapRuntimeApi_nothing is not found',
    });
    await expect(request(bench.net, 'state_call', 'NeuronInfoRuntimeApi_get_neuron', '01', null)).rejects.toMatchObject(
      { code: 4003, message: expect.stringMatching(/^Client error: Execution failed: .*trap/) },
    );
  });

  test('gives metadata of one and the same runtime in all its versions', async () => {
    const { TypeRegistry, Metadata } = await import('@polkadot/types');
    const versions = await Promise.all(
      ['0e', '0f', '10'].map(async (version) => {
        const raw = String(await request(bench.net, 'state_call', 'Metadata_metadata_at_version', `${version}000000`));
        // Some, then the opaque bytes with their length.
        const [, bytes] = compactStripLength(hexToU8a(raw).slice(1));
        const metadata = new Metadata(new TypeRegistry(), u8aToHex(bytes));
        return {
          version: metadata.version,
          pallets: metadata.asLatest.pallets.map(({ name, index, storage }) => [
            name.toString(),
            index.toNumber(),
            storage.isSome ? storage.unwrap().items.map((item) => item.name.toString()) : [],
          ]),
          extensions: metadata.asLatest.extrinsic.transactionExtensions.map(({ identifier }) => identifier.toString()),
          apis: metadata.asLatest.apis.map(({ name, methods }) => [
            name.toString(),
            methods.map((method) => method.name.toString()),
          ]),
        };
      }),
    );
    const [old, middle, latest] = versions;
    expect(versions.map(({ version }) => version)).toEqual([14, 15, 16]);
    expect(old).toEqual({ ...latest, version: 14, apis: [] });
    expect(middle).toEqual({ ...latest, version: 15 });
    expect(latest?.apis.length).toBeGreaterThan(9);
  });

  test('knows how long a block takes under each name by which clients ask', async () => {
    const slot = bench.api.consts['aura']?.['slotDuration']?.toString();
    expect(Number(slot)).toBe(2 * Number(bench.api.consts['timestamp']?.['minimumPeriod']?.toString()));
    expect((await stored(bench.api, 'timestamp.now')).toString()).toMatch(/^\d{13}$/);
  });
});
