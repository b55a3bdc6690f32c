import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GenericExtrinsicEra } from '@polkadot/types';
import type { ISubmittableResult } from '@polkadot/types/types';
import {
  type Bench,
  eventually,
  flipBit,
  include,
  outcome,
  refusalOf,
  request,
  startBench,
  stored,
  storedJson,
  tx,
} from './support.ts';

const TAO = 1_000_000_000n;
let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ finalityLagBlocks: 2 });
});
afterAll(async () => {
  await bench.close();
});

const freeOf = async (address: string): Promise<bigint> => {
  const account = await storedJson(bench.api, 'system.account', address);
  return BigInt((account as { readonly data: { readonly free: number | string } }).data.free);
};
const pay = (to: string, amount: bigint) => tx(bench.api, 'balances.transferKeepAlive', to, amount);
const invalid = (data: string) => ({ code: 1010, message: 'Invalid Transaction', data });

describe('a transfer', () => {
  test('moves the amount, charges the fee and creates the account that it reaches', async () => {
    const [alice, fresh] = [bench.key('//Alice'), bench.key('//Fresh')];
    const before = await freeOf(alice.address);
    const fee = (await pay(fresh.address, 3n * TAO).paymentInfo(alice, { era: 0 })).partialFee.toBigInt();
    const result = await include(bench, pay(fresh.address, 3n * TAO), alice);
    expect(result).toMatchObject({
      error: null,
      events: [
        'balances.Withdraw',
        'system.NewAccount',
        'balances.Endowed',
        'balances.Transfer',
        'transactionPayment.TransactionFeePaid',
        'system.ExtrinsicSuccess',
      ],
    });
    expect(await freeOf(fresh.address)).toBe(3n * TAO);
    expect(await freeOf(alice.address)).toBe(before - 3n * TAO - fee);
    expect(fee).toBeGreaterThan(0n);
  });

  test('fails in the block, at the price of its fee, where the money does not suffice or would leave too little', async () => {
    const poor = bench.key('//Poor');
    await include(bench, pay(poor.address, TAO), bench.key('//Alice'));
    expect(await include(bench, pay(bench.key('//Bob').address, 5n * TAO), poor)).toMatchObject({
      error: '{"token":"FundsUnavailable"}',
    });
    const left = await freeOf(poor.address);
    expect(left).toBeLessThan(TAO);
    const fee = (await pay(bench.key('//Bob').address, left).paymentInfo(poor, { era: 0 })).partialFee.toBigInt();
    expect(await include(bench, pay(bench.key('//Bob').address, left - fee - 1n), poor)).toMatchObject({
      error: '{"token":"NotExpendable"}',
    });
    expect(await include(bench, pay(bench.key('//Nobody').address, 499n), bench.key('//Alice'))).toMatchObject({
      error: '{"token":"BelowMinimum"}',
    });
  });

  test('may empty the account where that is allowed, and the account is gone', async () => {
    const leaver = bench.key('//Leaver');
    await include(bench, pay(leaver.address, TAO), bench.key('//Alice'));
    const result = await include(
      bench,
      tx(bench.api, 'balances.transferAll', bench.key('//Bob').address, false),
      leaver,
    );
    expect(result.events).toContain('system.KilledAccount');
    expect(await freeOf(leaver.address)).toBe(0n);
  });

  test('is refused before any block where not even the fee can be paid', async () => {
    expect(await refusalOf(bench, pay(bench.key('//Bob').address, 1n), bench.key('//Penniless'))).toEqual(
      invalid('Inability to pay some fees (e.g. account balance too low)'),
    );
  });
});

describe('the pool', () => {
  test('refuses a used nonce, and tells a second transaction of the same nonce that it will not replace the first', async () => {
    const [charlie, dave] = [bench.key('//Charlie'), bench.key('//Dave')];
    await include(bench, pay(dave.address, 1n * TAO), charlie);
    const stale = await pay(dave.address, TAO).signAsync(charlie, { nonce: 0, era: 0 });
    await expect(request(bench.net, 'author_submitExtrinsic', stale.toHex())).rejects.toEqual(
      invalid('Transaction is outdated'),
    );
    const [one, other] = await Promise.all([
      pay(dave.address, TAO).signAsync(charlie, { nonce: 1, era: 0 }),
      pay(dave.address, 2n * TAO).signAsync(charlie, { nonce: 1, era: 0 }),
    ]);
    const [first, second] = await Promise.allSettled([
      request(bench.net, 'author_submitExtrinsic', one.toHex()),
      request(bench.net, 'author_submitExtrinsic', other.toHex()),
    ]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect([first, second].find(({ status }) => status === 'rejected')).toMatchObject({
      reason: {
        code: 1014,
        message: 'Priority is too low: (1 vs 1)',
        data: 'The transaction has too low priority to replace another transaction already in the pool.',
      },
    });
    await bench.net.buildBlock();
    expect(await request(bench.net, 'system_accountNextIndex', charlie.address)).toBe(2);
  });

  test('knows the same bytes again, in the pool and after the block', async () => {
    const signed = await pay(bench.key('//Bob').address, 1n).signAsync(bench.key('//Eve'), { nonce: -1, era: 0 });
    await request(bench.net, 'author_submitExtrinsic', signed.toHex());
    await expect(request(bench.net, 'author_submitExtrinsic', signed.toHex())).rejects.toMatchObject({ code: 1013 });
    expect(await request(bench.net, 'author_pendingExtrinsics')).toEqual([signed.toHex()]);
    await bench.net.buildBlock();
    await expect(request(bench.net, 'author_submitExtrinsic', signed.toHex())).rejects.toEqual(
      invalid('Transaction is outdated'),
    );
  });

  test('keeps a transaction of the future until those before it have come', async () => {
    const ferdie = bench.key('//Ferdie');
    const [next, later] = await Promise.all(
      [0, 1].map((nonce) => pay(bench.key('//Bob').address, 1n).signAsync(ferdie, { nonce, era: 0 })),
    );
    const statuses: string[] = [];
    const stop = await bench.api.rpc.author.submitAndWatchExtrinsic(later ?? '', (status) => {
      statuses.push(status.type);
    });
    await bench.net.buildBlock();
    await eventually(
      () => statuses,
      (seen) => seen.join() === 'Future',
    );
    expect(await request(bench.net, 'system_accountNextIndex', ferdie.address)).toBe(0);
    await request(bench.net, 'author_submitExtrinsic', next?.toHex());
    expect(await request(bench.net, 'system_accountNextIndex', ferdie.address)).toBe(2);
    const { hash } = await bench.net.buildBlock();
    const [first, second] = await Promise.all(
      [next, later].map((each) => outcome(bench.api, hash, String(each?.hash.toHex()))),
    );
    // The block's own extrinsics come before them: the time, and a pulse of the beacon where one is due.
    expect([first?.error, second?.error, Number(second?.index) - Number(first?.index)]).toEqual([null, null, 1]);
    stop();
  });

  test('refuses a signature that does not hold, whatever was changed', async () => {
    const eve = bench.key('//Eve');
    const sign = async () => (await pay(bench.key('//Bob').address, 1n).signAsync(eve, { nonce: -1, era: 0 })).toHex();
    const hex = await sign();
    const inSignature = 40;
    const inDestination = (hex.length - 2) / 2 - 3;
    for (const broken of [flipBit(hex, inSignature), flipBit(hex, inDestination)]) {
      await expect(request(bench.net, 'author_submitExtrinsic', broken)).rejects.toEqual(
        invalid('Transaction has a bad signature'),
      );
    }
    // Signed for another chain: the library takes the genesis hash from its options unchecked.
    const options = { nonce: -1, era: 0, genesisHash: `0x${'01'.repeat(32)}`, blockHash: `0x${'01'.repeat(32)}` };
    const elsewhere = await pay(bench.key('//Bob').address, 1n).signAsync(eve, options);
    await expect(request(bench.net, 'author_submitExtrinsic', elsewhere.toHex())).rejects.toEqual(
      invalid('Transaction has a bad signature'),
    );
    expect(await request(bench.net, 'author_submitExtrinsic', hex)).toMatch(/^0x/);
    await bench.net.buildBlock();
  });

  test('refuses bytes that are no transaction as a node does whose runtime traps', async () => {
    const hex = (
      await pay(bench.key('//Bob').address, 1n).signAsync(bench.key('//Eve'), { nonce: -1, era: 0 })
    ).toHex();
    const cut = `0x${(Number.parseInt(hex.slice(2, 4), 16) - 4).toString(16)}${hex.slice(4, -2)}`;
    for (const bytes of ['0x00', '0x08ffff', cut]) {
      await expect(request(bench.net, 'author_submitExtrinsic', bytes)).rejects.toMatchObject({ code: 1002 });
    }
  });

  test('refuses bytes that are fewer than they say before its runtime sees them', async () => {
    for (const bytes of ['0x', '0x1234', '0x0c8400']) {
      await expect(request(bench.net, 'author_submitExtrinsic', bytes)).rejects.toMatchObject({ code: 1001 });
    }
  });

  test('refuses calls of Sudo from anybody but the sudo key', async () => {
    const call = tx(bench.api, 'sudo.sudo', tx(bench.api, 'system.remark', '0x00'));
    expect(await refusalOf(bench, call, bench.key('//Bob'))).toEqual(invalid('Invalid signing address'));
  });
});

describe('a mortal transaction', () => {
  const mortal = async (nonce: number) => {
    const { number, hash } = bench.net.head();
    const signed = await pay(bench.key('//Bob').address, 1n).signAsync(bench.key('//Dave'), {
      nonce,
      era: bench.api.registry.createType<GenericExtrinsicEra>('ExtrinsicEra', { current: number, period: 8 }),
      blockHash: hash,
    });
    return { signed, born: number };
  };

  test('is valid while its era lasts, and refused as badly signed once it is over', async () => {
    const { signed: used } = await mortal(0);
    await request(bench.net, 'author_submitExtrinsic', used.toHex());
    await bench.net.buildBlock();
    const { signed, born } = await mortal(1);
    while (bench.net.head().number < born + 8) await bench.net.buildBlock();
    await expect(request(bench.net, 'author_submitExtrinsic', signed.toHex())).rejects.toEqual(
      invalid('Transaction has a bad signature'),
    );
  });

  test('that waits in the pool beyond its era ends as invalid and takes no nonce', async () => {
    const { signed } = await mortal(2); // of the future: nonce 1 was never used
    const statuses: string[] = [];
    const stop = await bench.api.rpc.author.submitAndWatchExtrinsic(signed, (status) => {
      statuses.push(status.type);
    });
    for (let built = 0; built < 9; built++) await bench.net.buildBlock();
    await eventually(
      () => statuses,
      (seen) => seen.join() === 'Future,Invalid',
    );
    expect(await request(bench.net, 'system_accountNextIndex', bench.key('//Dave').address)).toBe(1);
    stop();
  });
});

describe('a watched transaction', () => {
  test('is ready, broadcast, in a block, and final when finality has come that far', async () => {
    const seen: string[] = [];
    const results: ISubmittableResult[] = [];
    const stop = await pay(bench.key('//Bob').address, 1n).signAndSend(bench.key('//Eve'), { nonce: -1 }, (result) => {
      seen.push(result.status.type);
      results.push(result);
    });
    const { number } = await bench.net.buildBlock();
    await bench.net.buildBlock();
    await eventually(
      () => seen,
      () => seen.join() === 'Ready,Broadcast,InBlock',
    );
    expect((await bench.api.rpc.chain.getHeader(await bench.api.rpc.chain.getFinalizedHead())).number.toNumber()).toBe(
      number - 1,
    );
    await bench.net.buildBlock();
    await eventually(
      () => seen,
      () => seen.join() === 'Ready,Broadcast,InBlock,Finalized',
    );
    const own = await outcome(
      bench.api,
      String(results.at(-1)?.status.asFinalized.toHex()),
      String(results.at(-1)?.txHash),
    );
    expect(results.at(-1)?.txIndex).toBe(own.index);
    expect(results.at(-1)?.events.map(({ event }) => event.method)).toContain('ExtrinsicSuccess');
    stop();
  });
});

describe('calls within calls', () => {
  test('report their failure inside, and the batch pays although its calls are free', async () => {
    const { api } = bench;
    const weights = tx(api, 'subtensorModule.setWeights', 1, [0], [1, 2], 0);
    const batch = await include(bench, tx(api, 'utility.batch', [weights]), bench.key('//Alice'));
    expect(batch).toMatchObject({ error: null });
    expect(batch.events).toEqual(expect.arrayContaining(['balances.Withdraw', 'utility.BatchInterrupted']));
    const all = await include(bench, tx(api, 'utility.batchAll', [weights]), bench.key('//Alice'));
    expect(all.error).toBe('subtensorModule.WeightVecNotEqualSize');
    const forced = await include(
      bench,
      tx(api, 'utility.forceBatch', [weights, tx(api, 'system.remark', '0x')]),
      bench.key('//Alice'),
    );
    expect(forced.events).toEqual(
      expect.arrayContaining(['utility.ItemFailed', 'utility.ItemCompleted', 'utility.BatchCompletedWithErrors']),
    );
    expect(await refusalOf(bench, tx(api, 'utility.batch', [weights]), bench.key('//Unfunded'))).toMatchObject({
      data: 'Inability to pay some fees (e.g. account balance too low)',
    });
  });

  test('wait for the next block where this one has no room for their weight, and never fit into any beyond that', async () => {
    const [alice, bob] = [bench.key('//Alice'), bench.key('//Bob')];
    const batch = (size: number) =>
      tx(
        bench.api,
        'utility.forceBatch',
        Array.from({ length: size }, () => tx(bench.api, 'subtensorModule.setWeights', 1, [], [], 0)),
      );
    const nonceBefore = async (who: typeof alice) =>
      Number(Object((await storedJson(bench.api, 'system.account', who.address)) as object)['nonce']);
    const [first, second] = [await nonceBefore(alice), await nonceBefore(bob)];
    await batch(150).signAndSend(alice, { era: 0 });
    await batch(150).signAndSend(bob, { era: 0 });
    await bench.net.buildBlock();
    expect([await nonceBefore(alice), await nonceBefore(bob)]).toEqual([first + 1, second]);
    await bench.net.buildBlock();
    expect(await nonceBefore(bob)).toBe(second + 1);
    expect(await refusalOf(bench, batch(200), alice)).toEqual(invalid('Transaction would exhaust the block limits'));
  });

  test('undo what a failed call had done', async () => {
    const { api } = bench;
    const before = (await stored(api, 'system.account', [bench.key('//Lost').address])).toHex();
    const steps = [pay(bench.key('//Lost').address, TAO), pay(bench.key('//Lost').address, 10n ** 18n)];
    const result = await include(bench, tx(api, 'utility.batchAll', steps), bench.key('//Alice'));
    expect(result.error).toBe('{"token":"FundsUnavailable"}');
    expect((await stored(api, 'system.account', [bench.key('//Lost').address])).toHex()).toBe(before);
    expect(result.events).not.toContain('balances.Transfer');
  });
});
