import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Bench, connected, eventually, include, request, startBench, storedJson, tx } from './support.ts';

let bench: Bench;

beforeEach(async () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined); // the client logs what it loses
  bench = await startBench();
});
afterEach(async () => {
  bench.net.faults.clear();
  await bench.close();
  jest.restoreAllMocks();
});

const signed = (nonce = -1) => tx(bench.api, 'system.remark', '0x01').signAsync(bench.key('//Bob'), { nonce, era: 0 });
const nonceOf = (uri: string) => request(bench.net, 'system_accountNextIndex', bench.key(uri).address);

describe('subscriptions', () => {
  test('to heads tell every block once and in order, and come back after the sockets were dropped', async () => {
    const seen: number[] = [];
    const stop = await bench.api.rpc.chain.subscribeNewHeads((header) => {
      seen.push(header.number.toNumber());
    });
    for (let built = 0; built < 3; built++) await bench.net.buildBlock();
    await eventually(
      () => seen,
      () => seen.join() === '0,1,2,3',
    );
    bench.net.faults.dropSockets();
    await eventually(
      () => bench.api.isConnected,
      (connected) => !connected,
    );
    await bench.net.buildBlock(); // while nobody listens
    await connected(bench.api);
    await eventually(
      () => seen.at(-1),
      (last) => last === 4,
    );
    await bench.net.buildBlock();
    await eventually(
      () => seen.at(-1),
      (last) => last === 5,
    );
    stop();
  });

  test('to finalized heads are behind by the lag', async () => {
    const seen: number[] = [];
    const stop = await bench.api.rpc.chain.subscribeFinalizedHeads((header) => {
      seen.push(header.number.toNumber());
    });
    for (let built = 0; built < 4; built++) await bench.net.buildBlock();
    await eventually(
      () => seen,
      () => seen.join() === '0,1,2',
    );
    stop();
  });

  test('to storage tell only of blocks that wrote the value', async () => {
    const seen: unknown[] = [];
    const stop = await bench.api.query['subtensorModule']?.['lastUpdate']?.(1, (value: { toJSON(): unknown }) => {
      seen.push(value.toJSON());
    });
    await bench.net.buildBlock();
    await include(bench, tx(bench.api, 'subtensorModule.setWeights', 1, [1], [1], 0), bench.key('//Alice'));
    await eventually(
      () => seen,
      () => JSON.stringify(seen) === '[[0,0],[2,0]]',
    );
    Object(stop)();
  });
});

describe('faults', () => {
  test('a lost transaction is accepted and never seen again; the same bytes can be sent once more', async () => {
    bench.net.faults.loseTransactions(1);
    const transaction = await signed();
    const statuses: string[] = [];
    const stop = await bench.api.rpc.author.submitAndWatchExtrinsic(transaction, (status) => {
      statuses.push(status.type);
    });
    await bench.net.buildBlock();
    expect(await nonceOf('//Bob')).toBe(0);
    await eventually(
      () => statuses,
      () => statuses.join() === 'Ready,Broadcast',
    );
    await request(bench.net, 'author_submitExtrinsic', transaction.toHex());
    await bench.net.buildBlock();
    expect(await nonceOf('//Bob')).toBe(1);
    stop();
  });

  test('a socket cut after a submission leaves the sender without an answer and the transaction in the pool', async () => {
    bench.net.faults.dropAfterSubmit(1);
    await expect(bench.api.rpc.author.submitExtrinsic(await signed())).rejects.toThrow('disconnected');
    await bench.net.buildBlock();
    expect(await nonceOf('//Bob')).toBe(1);
  });

  test('late answers come, only late', async () => {
    const before = performance.now();
    bench.net.faults.delayAnswers(80);
    expect(await request(bench.net, 'system_chain')).toBe('Ostinato devnet');
    expect(performance.now() - before).toBeGreaterThanOrEqual(79);
  });

  test('can be switched on from another process, as can the clock', async () => {
    await request(bench.net, 'dev_loseTransactions', 1);
    await request(bench.net, 'author_submitExtrinsic', (await signed()).toHex());
    const hash = await request(bench.net, 'dev_newBlock', 3);
    expect(bench.net.head()).toEqual({ number: 3, hash });
    expect(await nonceOf('//Bob')).toBe(0);
    await request(bench.net, 'dev_dropSockets');
    await eventually(
      () => bench.api.isConnected,
      (connected) => !connected,
    );
    await connected(bench.api);
    await request(bench.net, 'dev_delayAnswers', 20);
    await request(bench.net, 'dev_dropAfterSubmit', 1);
    await request(bench.net, 'dev_clearFaults');
    await request(bench.net, 'author_submitExtrinsic', (await signed()).toHex());
    await bench.net.buildBlock();
    expect(await nonceOf('//Bob')).toBe(1);
  });
});

test('a chain with a clock builds blocks by itself, and its time goes on', async () => {
  const running = await startBench({ blockTimeMs: 50 });
  await eventually(
    () => running.net.head().number,
    (number) => number >= 3,
  );
  expect(running.api.consts['timestamp']?.['minimumPeriod']?.toString()).toBe('25');
  const first = Number(await storedJson(running.api, 'timestamp.now'));
  const { number } = running.net.head();
  await eventually(
    () => running.net.head().number,
    (reached) => reached > number + 1,
  );
  expect(Number(await storedJson(running.api, 'timestamp.now'))).toBeGreaterThan(first);
  await running.close();
});
