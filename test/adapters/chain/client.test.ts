import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ResolvedCall } from '../../../adapters/chain/calls.ts';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { signExtrinsic } from '../../../adapters/chain/extrinsic.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import type { BlockRef } from '../../../domain/chain.ts';
import { hotkey, netuid, uid } from '../../../domain/units.ts';
import { startProxy } from './proxy.ts';

const one = netuid(1);
let devnet: Devnet;
let chain: ChainClient;
let alice: Signer;
let bob: Signer;

beforeAll(async () => {
  devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 'gated',
    neurons: Array.from({ length: 254 }, (_, i) => ({ account: `//Neuron${i}`, role: 'miner' })),
  });
  chain = await connectChain({ endpoints: [devnet.url] });
  alice = await loadSigner({ kind: 'uri', uri: '//Alice' });
  bob = await loadSigner({ kind: 'uri', uri: '//Bob' });
}, 60_000);

afterAll(async () => {
  await chain?.close();
  await devnet?.close();
});

/** The chain is gated, so that a watch ends by this alone; on a busy machine the pool takes its time to answer. */
const poolAnswerMs = 1_500;

/** Has a call in the next block, and returns that block. */
async function send(signer: Signer, ...calls: readonly ResolvedCall[]): Promise<BlockRef> {
  const birth = await chain.head();
  const first = await chain.nextNonce(signer.hotkey);
  const waits = calls.map(async (call, index) => {
    const envelope = { genesis: chain.genesis, nonce: first + index, birth, eraBlocks: 16 };
    const { bytes } = signExtrinsic(chain.runtime, signer, call, envelope);
    const status = await chain.submit(bytes, AbortSignal.timeout(poolAnswerMs));
    expect(status).toMatchObject({ kind: 'pool' });
  });
  await Promise.all(waits);
  await devnet.buildBlock();
  return chain.head();
}

const commit = (text: string): ResolvedCall => ({ kind: 'set_commitment', netuid: one, text });

describe('a snapshot of 256 neurons', () => {
  test('takes two requests at most, one where the block is given', async () => {
    const proxy = await startProxy(devnet.url);
    const client = await connectChain({ endpoints: [proxy.url] });
    const before = proxy.methods.length;
    const snapshot = await client.snapshot(one);
    expect(snapshot.neurons).toHaveLength(256);
    expect(proxy.methods.slice(before)).toEqual(['chain_getBlockHash', 'state_call']);
    await client.snapshot(one, snapshot.block.hash);
    expect(proxy.methods.slice(before + 2)).toEqual(['state_call']);
    await client.close();
    await proxy.close();
  });

  test('says what the chain says', async () => {
    const { neurons, block, ...subnet } = await chain.snapshot(one);
    expect(block).toEqual(await chain.head());
    expect(subnet).toEqual({
      netuid: 1,
      ownerHotkey: alice.hotkey,
      tempo: 360,
      weightsRateLimit: 100,
      minAllowedWeights: 1,
      weightsVersion: '0',
      commitRevealEnabled: false,
      maxUids: 256,
    });
    expect(neurons[0]).toMatchObject({ uid: 0, hotkey: alice.hotkey, validatorPermit: true, active: true, axon: null });
    expect(neurons[1]).toMatchObject({ uid: 1, hotkey: bob.hotkey, validatorPermit: false, totalStakeRao: '0' });
    expect(neurons.map((neuron) => neuron.uid)).toEqual(neurons.map((_, index) => index));
  });

  test('of a subnet that is not there is refused', async () => {
    await expect(chain.snapshot(netuid(77))).rejects.toMatchObject({ code: 'OST_CHAIN_SUBNET_MISSING' });
  });
});

describe('commitments', () => {
  test('are read as they stood at a block, with the place of each', async () => {
    const before = await chain.head();
    const first = await send(bob, commit('one'));
    const second = await send(bob, commit('two'), commit('three'));
    expect(await chain.commitments(one, before.number)).toEqual([]);
    expect(await chain.commitments(one, first.number)).toEqual([
      { hotkey: bob.hotkey, block: first.number, text: 'one', bytesHex: '0x6f6e65' },
    ]);
    expect(await chain.commitments(one, second.number)).toMatchObject([{ text: 'three', block: second.number }]);
    const position = await chain.commitmentPosition(one, bob.hotkey, second.number);
    expect(position).toEqual({ block: second.number, index: (await chain.body(second.hash)).extrinsics.length - 1 });
  });

  test('that a block does not hold have no place in it', async () => {
    await expect(chain.commitmentPosition(one, alice.hotkey, 1)).rejects.toMatchObject({
      code: 'OST_CHAIN_COMMITMENT_NOT_FOUND',
    });
  });

  test('at a block that is not built yet are refused', async () => {
    await expect(chain.commitments(one, 1_000_000)).rejects.toMatchObject({ code: 'OST_CHAIN_BLOCK_UNKNOWN' });
  });

  test('fill the plain field to its last byte, and one more is refused before it is signed', async () => {
    const block = await send(bob, commit('x'.repeat(128)));
    expect(await chain.commitment(one, bob.hotkey, block.hash)).toMatchObject({ text: 'x'.repeat(128) });
    await expect(send(bob, commit('x'.repeat(129)))).rejects.toMatchObject({ code: 'OST_CHAIN_CALL_INVALID' });
  });

  test('whose text looks like hex stay text', async () => {
    const block = await send(bob, commit('0xabcd'));
    expect(await chain.commitment(one, bob.hotkey, block.hash)).toMatchObject({ text: '0xabcd' });
  });
});

describe('what a neuron wrote', () => {
  test('its axon', async () => {
    expect(await chain.axon(one, bob.hotkey)).toBeNull();
    const block = await send(bob, { kind: 'serve_axon', netuid: one, ip: '203.0.113.7', port: 8091, version: 1 });
    const axon = { ip: '203.0.113.7', port: 8091, protocol: 4, version: 1, block: block.number };
    expect(await chain.axon(one, bob.hotkey)).toEqual(axon);
    expect((await chain.snapshot(one)).neurons[1]?.axon).toEqual(axon);
  });

  test('its weights, scaled up, with the block of the last update', async () => {
    const uids = [1, 2, 3];
    const call = { kind: 'set_weights', netuid: one, mecid: 0, uids, values: [10, 20, 30], versionKey: '0' } as const;
    const block = await send(alice, call);
    expect(await chain.weights(one, uid(0), 0)).toEqual([
      [1, 21845],
      [2, 43690],
      [3, 65535],
    ]);
    expect(await chain.lastUpdate(one, uid(0), 0)).toBe(block.number);
    expect(await chain.lastUpdate(one, uid(0), 0, await chain.blockHash(block.number - 1))).toBe(0);
  });

  test('its registration, nonce and balance', async () => {
    expect(await chain.registration(one, bob.hotkey)).toBe(1);
    expect(await chain.registration(one, hotkey('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV'))).toBeNull();
    const { nonce, freeRao } = await chain.account(bob.hotkey);
    expect(nonce).toBe(await chain.nextNonce(bob.hotkey));
    expect(freeRao).toBeGreaterThan(0n);
  });

  test('the name of the error with which its call failed', async () => {
    const call = { kind: 'set_weights', netuid: one, mecid: 0, uids: [1, 1], values: [1, 2], versionKey: '0' } as const;
    const neuron = await loadSigner({ kind: 'uri', uri: '//Neuron0' });
    const { hash } = await send(neuron, { ...call, uids: [2, 3] });
    const index = (await chain.body(hash)).extrinsics.length - 1;
    expect(await chain.dispatchError(hash, index)).toBe('SubtensorModule.NeuronNoValidatorPermit');
    expect(await chain.dispatchError(hash, 0)).toBeNull();
  });
});

describe('streams', () => {
  test('of heads have no gap, though the connection was lost meanwhile', async () => {
    const proxy = await startProxy(devnet.url);
    const client = await connectChain({ endpoints: [proxy.url] });
    const stop = new AbortController();
    const heads = client.heads({ signal: stop.signal });
    const start = (await heads.next()).value?.number ?? 0;
    proxy.cut();
    for (let i = 0; i < 5; i++) await devnet.buildBlock();
    const seen: number[] = [];
    for await (const head of heads) {
      expect(head.hash).toBe(await chain.blockHash(head.number));
      seen.push(head.number);
      if (seen.length === 3) {
        proxy.cut();
        for (let i = 0; i < 3; i++) await devnet.buildBlock();
      }
      if (seen.length === 8) break;
    }
    stop.abort();
    expect(seen).toEqual(Array.from({ length: 8 }, (_, i) => start + 1 + i));
    await client.close();
    await proxy.close();
  });

  test('of finalized blocks follow the finalized head', async () => {
    const stop = new AbortController();
    const finalized = chain.finalizedHeads({ signal: stop.signal });
    const first = (await finalized.next()).value;
    expect(first).toEqual(await chain.finalizedHead());
    const second = finalized.next();
    await devnet.buildBlock();
    expect((await second).value?.number).toBe((first?.number ?? 0) + 1);
    stop.abort();
  });

  test('a block that is awaited comes when it is built, and the wait can be given up', async () => {
    const { number } = await chain.head();
    const awaited = chain.waitForBlock(number + 2);
    await devnet.buildBlock();
    await devnet.buildBlock();
    expect((await awaited).number).toBe(number + 2);
    await expect(chain.waitForBlock(number + 9, AbortSignal.timeout(50))).rejects.toThrow();
  });
});

describe('endpoints', () => {
  test('are tried in order until one answers', async () => {
    const client = await connectChain({ endpoints: ['ws://127.0.0.1:1', devnet.url] });
    expect(client.endpoint).toBe(devnet.url);
    expect(client.genesis).toBe(devnet.genesisHash);
    await client.close();
  });

  test('that nobody serves are named', async () => {
    await expect(connectChain({ endpoints: ['ws://127.0.0.1:1'], timeoutMs: 500 })).rejects.toMatchObject({
      code: 'OST_CHAIN_UNREACHABLE',
    });
  });

  test('of another chain are refused', async () => {
    const genesis = `0x${'ab'.repeat(32)}` as const;
    await expect(connectChain({ endpoints: [devnet.url], timeoutMs: 1_000, genesis })).rejects.toMatchObject({
      code: 'OST_CHAIN_WRONG_GENESIS',
    });
  });

  test('that fall silent are given up in time', async () => {
    const proxy = await startProxy(devnet.url);
    const client = await connectChain({ endpoints: [proxy.url], timeoutMs: 300 });
    proxy.silent = true;
    await expect(client.head()).rejects.toMatchObject({ code: 'OST_CHAIN_TIMEOUT' });
    proxy.silent = false;
    await client.close();
    await proxy.close();
  });

  test('that are lost in the middle of a question are asked again when they are back', async () => {
    const proxy = await startProxy(devnet.url);
    const client = await connectChain({ endpoints: [proxy.url] });
    proxy.cut();
    expect(await client.head()).toEqual(await chain.head());
    await client.close();
    await proxy.close();
  });
});

test('the metadata decide what the chain can do', () => {
  expect(chain.capabilities).toMatchObject({
    metagraph: 'selective',
    stakeThreshold: 'StakeThreshold',
    poolCodes: 'current',
    maxFields: 3,
    nextEpoch: true,
    epochs: 'stateful',
    commitmentSpace: true,
    commitmentDistance: null,
  });
});
