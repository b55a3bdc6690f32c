import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { type RpcProxy, startProxy } from './proxy.ts';

const losses = 20;
let devnet: Devnet;
let proxy: RpcProxy;
let chain: ChainClient;
const seen = { lost: 0, connected: 0 };

beforeAll(async () => {
  devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated' });
  proxy = await startProxy(devnet.url);
  chain = await connectChain({
    endpoints: [proxy.url],
    log: (event) => {
      if (event === 'chain_disconnected') seen.lost++;
      if (event === 'chain_connected') seen.connected++;
    },
  });
});

afterAll(async () => {
  await chain?.close();
  await proxy?.close();
  await devnet?.close();
});

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const count = (method: string): number => proxy.methods.filter((name) => name === method).length;

test('losing the connection again and again costs no block, and leaves nothing behind', async () => {
  const stop = new AbortController();
  const heads: number[] = [];
  const finalized: number[] = [];
  const listen = async (stream: AsyncGenerator<{ readonly number: number }>, into: number[]) => {
    for await (const { number } of stream) into.push(number);
  };
  const listening = [
    listen(chain.heads({ signal: stop.signal }), heads),
    listen(chain.finalizedHeads({ signal: stop.signal }), finalized),
  ];
  await until(() => heads.length > 0 && finalized.length > 0 && count('chain_subscribeFinalizedHeads') === 1);
  for (let i = 0; i < losses; i++) {
    const { lost, connected } = seen;
    devnet.faults.dropSockets();
    await until(() => seen.lost > lost);
    await devnet.buildBlock();
    await until(() => seen.connected > connected);
    const { number } = await devnet.buildBlock();
    await until(() => heads.at(-1) === number);
  }
  const [first = 0] = heads;
  expect(heads).toEqual(Array.from({ length: 2 * losses + 1 }, (_, index) => first + index));
  await until(() => finalized.at(-1) === (heads.at(-1) ?? 0) - 2);
  const [start = 0] = finalized;
  expect(finalized).toEqual(finalized.map((_, index) => start + index));

  // Each subscription was begun once for each connection, and none beside it.
  for (const method of ['chain_subscribeNewHeads', 'chain_subscribeFinalizedHeads', 'state_subscribeRuntimeVersion']) {
    expect(count(method)).toBe(1 + losses);
  }
  // One or two for each of the two streams, not one for each of the losses.
  expect(getEventListeners(stop.signal, 'abort').length).toBeLessThanOrEqual(4);
  stop.abort();
  await Promise.all(listening);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});
