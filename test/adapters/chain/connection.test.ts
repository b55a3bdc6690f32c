import { afterEach, describe, expect, test } from '@jest/globals';
import { type ChainClient, type ChainOptions, connectChain } from '../../../adapters/chain/client.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { netuid } from '../../../domain/units.ts';
import { type RpcProxy, startProxy } from './proxy.ts';

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

/** Two nodes of one chain by their genesis, each with its own blocks: one can stand still while the other goes on. */
async function node(height: number): Promise<Devnet> {
  const devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated', salt: 'two nodes' });
  opened.push(devnet);
  for (let i = 0; i < height; i++) await devnet.buildBlock();
  return devnet;
}

async function proxyOf(devnet: Devnet): Promise<RpcProxy> {
  const proxy = await startProxy(devnet.url);
  opened.push(proxy);
  return proxy;
}

/** A client with what it logged; its watch is impatient, so that a test need not be patient. */
async function client(options: ChainOptions) {
  const events: { readonly event: string; readonly endpoint: unknown }[] = [];
  const chain = await connectChain({
    stallAfterMs: 300,
    returnAfterMs: 300,
    timeoutMs: 5_000,
    ...options,
    log: (event, { endpoint }) => events.push({ event, endpoint }),
  });
  opened.push(chain);
  return { chain, events };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A listener's blocks, as they come. */
function listen(chain: ChainClient): number[] {
  const heard: number[] = [];
  const stop = new AbortController();
  opened.push({ close: async () => stop.abort() });
  const run = async () => {
    for await (const { number } of chain.heads({ signal: stop.signal })) heard.push(number);
  };
  run().catch(() => undefined);
  return heard;
}

describe('of several endpoints', () => {
  test('the next one is used when the preferred one is lost, and the preferred one again when it is back', async () => {
    const devnet = await node(3);
    const preferred = await proxyOf(devnet);
    const { chain } = await client({ endpoints: [preferred.url, devnet.url] });
    expect(chain.endpoint).toBe(preferred.url);
    const heard = listen(chain);
    await until(() => heard.length > 0);

    preferred.refuse = true;
    preferred.cut();
    await until(() => chain.endpoint === devnet.url && chain.isConnected);
    await devnet.buildBlock();
    expect((await chain.head()).number).toBe(4);

    preferred.refuse = false;
    await until(() => chain.endpoint === preferred.url && chain.isConnected);
    await devnet.buildBlock();
    await until(() => heard.at(-1) === 5);
    expect(heard).toEqual([3, 4, 5]);
  });

  test('one whose head stands still is left for one that is ahead, and returned to once it has caught up', async () => {
    const [behind, ahead] = [await node(3), await node(6)];
    const { chain, events } = await client({ endpoints: [behind.url, ahead.url] });
    expect((await chain.head()).number).toBe(3);
    await until(() => chain.endpoint === ahead.url && chain.isConnected);
    expect((await chain.head()).number).toBe(6);
    expect(events).toContainEqual({ event: 'chain_head_stalled', endpoint: behind.url });

    for (let i = 0; i < 3; i++) await behind.buildBlock();
    await until(() => chain.endpoint === behind.url && chain.isConnected);
    expect((await chain.head()).number).toBe(6);
  });

  test('one that falls silent is left, though its socket is open', async () => {
    const devnet = await node(3);
    const silent = await proxyOf(devnet);
    const { chain } = await client({ endpoints: [silent.url, devnet.url], timeoutMs: 400 });
    expect(chain.endpoint).toBe(silent.url);
    silent.silent = true;
    await devnet.buildBlock();
    await until(() => chain.endpoint === devnet.url && chain.isConnected);
    expect((await chain.head()).number).toBe(4);
  });

  test('none is left because the chain itself stands still', async () => {
    const [first, second] = [await node(3), await node(3)];
    const { chain, events } = await client({ endpoints: [first.url, second.url] });
    await until(() => events.filter(({ event }) => event === 'chain_head_stalled').length >= 2);
    expect(chain.endpoint).toBe(first.url);
    expect(events.map(({ event }) => event)).not.toContain('chain_moving');
  });
});

describe('a state of the past', () => {
  const commitments = (chain: ChainClient) => chain.commitments(netuid(1), 2);
  const snapshot = async (chain: ChainClient) => chain.snapshot(netuid(1), await chain.blockHash(2));
  const account = async (chain: ChainClient) => {
    const { neurons } = await chain.snapshot(netuid(1));
    const [alice] = neurons;
    if (alice === undefined) throw new Error('nobody there');
    return chain.account(alice.hotkey, await chain.blockHash(2));
  };

  test('that a node has pruned is asked of an archive, and refused where there is none', async () => {
    const devnet = await node(6);
    const lite = await proxyOf(devnet);
    const { chain } = await client({ endpoints: [lite.url], archiveEndpoints: [devnet.url] });
    const { chain: alone } = await client({ endpoints: [lite.url] });
    const old = await chain.blockHash(2);
    lite.instead = (method, params) =>
      method.startsWith('state_') && params.includes(old)
        ? new Error(`4003: Client error: State already discarded for ${old}`)
        : undefined;
    await expect(commitments(alone)).rejects.toMatchObject({ code: 'OST_CHAIN_STATE_PRUNED' });
    expect(await commitments(chain)).toEqual([]);
    expect((await snapshot(chain)).block.number).toBe(2);
  });

  test.each([
    ['the commitments of a subnet', commitments],
    ['a snapshot', snapshot],
    ['an account', account],
  ])('that a node answers from another block is noticed in %s', async (_, read) => {
    const devnet = await node(6);
    const lite = await proxyOf(devnet);
    const { chain } = await client({ endpoints: [lite.url], archiveEndpoints: [devnet.url] });
    const { chain: alone } = await client({ endpoints: [lite.url] });
    const [old, head] = [await chain.blockHash(2), await chain.blockHash(6)];
    // What a light node does: it answers for the state that it has.
    lite.rewrite = (text) => (text.includes('"state_') ? text.replaceAll(old, head) : text);
    await expect(read(alone)).rejects.toMatchObject({ code: 'OST_CHAIN_STATE_PRUNED' });
    await expect(read(chain)).resolves.toBeDefined();
  });
});
