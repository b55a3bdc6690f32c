import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startDevnet } from '../../../devnet/chain/start.ts';
import { type Bench, eventually, request, startBench, stored, storedJson, tx } from './support.ts';

let bench: Bench;

beforeEach(async () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined); // the client logs what it loses
  bench = await startBench({ finalityLagBlocks: 4 });
});
afterEach(async () => {
  await bench.close();
  jest.restoreAllMocks();
});

const signed = (text: string, who = '//Bob') =>
  tx(bench.api, 'system.remark', text).signAsync(bench.key(who), { nonce: -1, era: 0 });
const nonceOf = (uri: string) => request(bench.net, 'system_accountNextIndex', bench.key(uri).address);
const accountNonce = async (at?: string) =>
  (await stored(bench.api, 'system.account', [bench.key('//Bob').address], at)).toJSON();
const build = async (count: number) => {
  for (let built = 0; built < count; built++) await bench.net.buildBlock();
};
const hashes = (numbers: readonly number[]) => request(bench.net, 'chain_getBlockHash', numbers) as Promise<string[]>;

describe('a reorganisation', () => {
  test('puts other blocks at the same numbers, and leaves what is final as it is', async () => {
    await build(6);
    const before = await hashes([1, 2, 3, 4, 5, 6]);
    expect(bench.net.faults.reorganise(2)).toBe(2);
    expect(bench.net.head().number).toBe(6);
    const after = await hashes([1, 2, 3, 4, 5, 6]);
    expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
    expect(after[4]).not.toBe(before[4]);
    expect(after[5]).not.toBe(before[5]);
    // Two blocks are final, and four are not.
    expect(bench.net.faults.reorganise(99)).toBe(4);
    expect((await hashes([1, 2])).concat(await hashes([3]))).toEqual([
      before[0],
      before[1],
      expect.not.stringMatching(before[2] ?? ''),
    ]);
    expect(bench.net.faults.reorganise(0)).toBe(0);
  });

  test('tells heads again, under their numbers, and headers that belong together', async () => {
    const seen: { number: number; parent: string; hash: string }[] = [];
    const stop = await bench.api.rpc.chain.subscribeNewHeads((header) => {
      seen.push({
        number: header.number.toNumber(),
        parent: header.parentHash.toHex(),
        hash: header.hash.toHex(),
      });
    });
    await build(3);
    bench.net.faults.reorganise(2);
    await bench.net.buildBlock();
    await eventually(
      () => seen.map(({ number }) => number).join(),
      (numbers) => numbers === '0,1,2,3,2,3,4',
    );
    const [, one, two, , again, third, last] = seen;
    expect(again?.parent).toBe(one?.hash);
    expect(again?.hash).not.toBe(two?.hash);
    expect(third?.parent).toBe(again?.hash);
    expect(last?.parent).toBe(third?.hash);
    expect(last?.hash).toBe(bench.net.head().hash);
    stop();
  });

  test('takes the state back exactly; a block that lost can still be read at', async () => {
    await build(2);
    const untouched = await storedJson(bench.api, 'system.account', bench.key('//Bob').address);
    const issuance = await storedJson(bench.api, 'balances.totalIssuance');
    await request(bench.net, 'author_submitExtrinsic', (await signed('0x01')).toHex());
    const { hash } = await bench.net.buildBlock();
    expect(await accountNonce()).toMatchObject({ nonce: 1 });
    bench.net.faults.reorganise(1, 'lose');
    expect(await storedJson(bench.api, 'system.account', bench.key('//Bob').address)).toEqual(untouched);
    expect(await storedJson(bench.api, 'balances.totalIssuance')).toEqual(issuance);
    expect(await accountNonce(hash)).toMatchObject({ nonce: 1 });
    expect(await request(bench.net, 'chain_getHeader', hash)).toMatchObject({ number: '0x3' });
    // It is forgotten when a final block stands where it stood.
    await build(4);
    expect(await request(bench.net, 'chain_getHeader', hash)).toBeNull();
  });

  test('sends transactions back to the pool, and they get into a later block; the watcher hears of both', async () => {
    const statuses: string[] = [];
    const stop = await bench.api.rpc.author.submitAndWatchExtrinsic(await signed('0x02'), (status) => {
      statuses.push(status.type);
    });
    const { hash } = await bench.net.buildBlock();
    bench.net.faults.reorganise(1);
    expect(bench.net.head().number).toBe(1);
    expect(bench.net.head().hash).not.toBe(hash);
    expect(await accountNonce()).toMatchObject({ nonce: 0 });
    expect(await nonceOf('//Bob')).toBe(1); // the pool counts
    await build(5);
    expect(await accountNonce()).toMatchObject({ nonce: 1 });
    await eventually(
      () => statuses.join(),
      (all) => all === 'Ready,Broadcast,InBlock,Retracted,Ready,Broadcast,InBlock,Finalized',
    );
    stop();
  });

  test('can lose the transactions instead, and then those that build on them wait', async () => {
    await request(bench.net, 'author_submitExtrinsic', (await signed('0x03')).toHex());
    await bench.net.buildBlock();
    const second = await signed('0x04');
    await request(bench.net, 'author_submitExtrinsic', second.toHex());
    bench.net.faults.reorganise(1, 'lose');
    await build(2);
    expect(await accountNonce()).toMatchObject({ nonce: 0 });
    expect(await request(bench.net, 'author_pendingExtrinsics')).toEqual([]);
    const first = tx(bench.api, 'system.remark', '0x05').signAsync(bench.key('//Bob'), { nonce: 0, era: 0 });
    await request(bench.net, 'author_submitExtrinsic', (await first).toHex());
    await bench.net.buildBlock();
    expect(await accountNonce()).toMatchObject({ nonce: 2 });
  });

  test('tells subscribers of storage the values of before', async () => {
    const seen: unknown[] = [];
    const stop = await bench.api.query['system']?.['account']?.(
      bench.key('//Bob').address,
      (value: { nonce: { toNumber(): number } }) => {
        seen.push(value.nonce.toNumber());
      },
    );
    await request(bench.net, 'author_submitExtrinsic', (await signed('0x06')).toHex());
    await bench.net.buildBlock();
    bench.net.faults.reorganise(1, 'lose');
    await eventually(
      () => seen.join(),
      (all) => all === '0,1,0',
    );
    Object(stop)();
  });

  test('can be asked for from another process, and outlives a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reorganisation-'));
    const options = { folder, port: 0, blockTimeMs: 'gated' as const };
    const net = await startDevnet(options);
    for (let built = 0; built < 3; built++) await net.buildBlock();
    const old = net.head().hash;
    expect(await request(net, 'dev_reorganise', 1)).toBe(1);
    const { number, hash } = net.head();
    expect([number, hash === old]).toEqual([3, false]);
    await net.close();
    const again = await startDevnet(options);
    expect(again.head()).toEqual({ number, hash });
    await again.buildBlock();
    await again.close();
    rmSync(folder, { recursive: true });
  });
});

describe('stalled heads', () => {
  test('fall silent while blocks go on, and reads still see the newest', async () => {
    const seen: number[] = [];
    const stop = await bench.api.rpc.chain.subscribeNewHeads((header) => {
      seen.push(header.number.toNumber());
    });
    await build(1);
    bench.net.faults.stallHeads('heads');
    await build(3);
    expect(await request(bench.net, 'chain_getHeader')).toMatchObject({ number: '0x4' });
    bench.net.faults.stallHeads('none');
    await build(1);
    await eventually(
      () => seen.join(),
      (numbers) => numbers === '0,1,5',
    );
    stop();
  });

  test('of a chain that stands still stop its clock', async () => {
    const running = await startDevnet({ folder: null, port: 0, blockTimeMs: 50 });
    await request(running, 'dev_stallHeads', 'chain');
    const { number } = running.head();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(running.head().number).toBe(number);
    running.faults.clear();
    await eventually(
      () => running.head().number,
      (head) => head > number,
    );
    await running.close();
  });
});

test('so many submissions are refused as the fault says, by the error that it says, and nothing is used', async () => {
  bench.net.faults.refuseSubmissions(1);
  const transaction = (await signed('0x07')).toHex();
  await expect(request(bench.net, 'author_submitExtrinsic', transaction)).rejects.toEqual({
    code: 1016,
    message: 'Immediately Dropped',
    data: 'The transaction pool is full',
  });
  await request(bench.net, 'dev_refuseSubmissions', 1, 1012, 'Transaction is temporarily banned');
  await expect(request(bench.net, 'author_submitExtrinsic', transaction)).rejects.toEqual({
    code: 1012,
    message: 'Transaction is temporarily banned',
  });
  await request(bench.net, 'author_submitExtrinsic', transaction);
  await bench.net.buildBlock();
  expect(await accountNonce()).toMatchObject({ nonce: 1 });
});
