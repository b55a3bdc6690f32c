import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hyperparameters } from '../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../../../devnet/chain/declaration/pallets/subtensor-subnet.ts';
import { mostAlpha, mostTao } from '../../../devnet/chain/runtime/staking/pool.ts';
import { State } from '../../../devnet/chain/state/state.ts';
import { asRoot, type Bench, called, include, setStorage, startBench, storedJson, type Tx, tx } from './support.ts';

const NETUID = 1;
const ROOT = 0;
const TAO = 1_000_000_000n;
let bench: Bench;
let hotkey: string;

beforeAll(async () => {
  bench = await startBench();
  hotkey = bench.key('//Bob').address;
});
afterAll(async () => {
  await bench.close();
});

const call = (name: string, ...args: unknown[]) => tx(bench.api, `subtensorModule.${name}`, ...args);
const send = (built: Tx, who = '//Charlie') => include(bench, built, bench.key(who));
const staked = async (netuid = NETUID, coldkey = '//Charlie', of = hotkey) => {
  const info = (await called(
    bench.api,
    'stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid',
    of,
    bench.key(coldkey).address,
    netuid,
  )) as { stake: number };
  return BigInt(info.stake);
};
const free = async (uri: string) => {
  const { data } = (await storedJson(bench.api, 'system.account', bench.key(uri).address)) as {
    data: { free: number | string };
  };
  return BigInt(data.free);
};
const pool = async () => [
  BigInt(String(await storedJson(bench.api, 'subtensorModule.subnetTAO', NETUID))),
  BigInt(String(await storedJson(bench.api, 'subtensorModule.subnetAlphaIn', NETUID))),
];
const number = (value: unknown) => BigInt(String(value));

describe('stake', () => {
  test('is bought from the pool for what the pool said that it would give, and moves its price', async () => {
    const before = await free('//Charlie');
    const [tao = 0n, alpha = 0n] = await pool();
    const expected = (await called(bench.api, 'swapRuntimeApi.simSwapTaoForAlpha', NETUID, 100n * TAO)) as {
      alphaAmount: number;
    };
    const result = await send(call('addStake', hotkey, NETUID, 100n * TAO));
    expect(result.error).toBeNull();
    expect(result.events).toContain('subtensorModule.StakeAdded');
    expect(await staked()).toBe(BigInt(expected.alphaAmount));
    const [taoAfter = 0n, alphaAfter = 0n] = await pool();
    expect(taoAfter - tao).toBe(100n * TAO);
    expect(alpha - alphaAfter).toBe(BigInt(expected.alphaAmount));
    expect(before - (await free('//Charlie'))).toBeGreaterThanOrEqual(100n * TAO);
    expect(await storedJson(bench.api, 'subtensorModule.stakingHotkeys', bench.key('//Charlie').address)).toEqual([
      hotkey,
    ]);
    expect(number(await called(bench.api, 'swapRuntimeApi.currentAlphaPrice', NETUID))).toBeGreaterThan(TAO);
  });

  test('of one coldkey leaves that of the others on the same hotkey alone', async () => {
    const [alice, charlie] = [await staked(NETUID, '//Alice', bench.key('//Alice').address), await staked()];
    await send(call('addStake', hotkey, NETUID, 5n * TAO), '//Dave');
    await send(call('addStake', bench.key('//Alice').address, NETUID, 5n * TAO), '//Dave');
    expect(await staked()).toBe(charlie);
    expect(await staked(NETUID, '//Alice', bench.key('//Alice').address)).toBe(alice);
    expect(await staked(NETUID, '//Dave')).toBeGreaterThan(0n);
  });

  test('on root is one to one, and counts for weights', async () => {
    await send(call('addStake', hotkey, ROOT, 10n * TAO));
    expect(await staked(ROOT)).toBe(10n * TAO);
    await send(call('removeStake', hotkey, ROOT, 4n * TAO));
    expect(await staked(ROOT)).toBe(6n * TAO);
  });

  test('moves between hotkeys, subnets and coldkeys, and each says so', async () => {
    const alice = bench.key('//Alice').address;
    const moved = await send(call('moveStake', hotkey, alice, NETUID, NETUID, TAO));
    expect(moved.events).toContain('subtensorModule.StakeMoved');
    expect(await staked(NETUID, '//Charlie', alice)).toBe(TAO);
    const swapped = await send(call('swapStake', hotkey, NETUID, ROOT, 2n * TAO));
    expect(swapped.events).toContain('subtensorModule.StakeSwapped');
    expect(await staked(ROOT)).toBeGreaterThan(6n * TAO);
    const given = await send(call('transferStake', bench.key('//Eve').address, hotkey, NETUID, NETUID, 3n * TAO));
    expect(given.events).toContain('subtensorModule.StakeTransferred');
    expect(await staked(NETUID, '//Eve')).toBe(3n * TAO);
  });

  test('can be taken out as a whole, down to the last rao', async () => {
    await send(call('addStake', hotkey, NETUID, 7n * TAO), '//Ferdie');
    const before = await free('//Ferdie');
    const result = await send(call('removeStakeFullLimit', hotkey, NETUID, null), '//Ferdie');
    expect(result.events).toContain('subtensorModule.StakeRemoved');
    expect(await staked(NETUID, '//Ferdie')).toBe(0n);
    expect((await free('//Ferdie')) - before).toBeGreaterThan(6n * TAO);
    await send(call('unstakeAll', hotkey), '//Eve');
    expect(await staked(NETUID, '//Eve')).toBe(0n);
    await send(call('unstakeAllAlpha', hotkey), '//Dave');
    expect([await staked(NETUID, '//Dave'), await staked(ROOT, '//Dave')]).toEqual([0n, expect.any(BigInt)]);
    expect(await staked(ROOT, '//Dave')).toBeGreaterThan(4n * TAO);
  });

  test('within a limit is bought in part, or not at all', async () => {
    const price = number(await called(bench.api, 'swapRuntimeApi.currentAlphaPrice', NETUID));
    const limit = price + price / 1000n;
    const whole = call('addStakeLimit', hotkey, NETUID, 10_000n * TAO, limit, false);
    expect((await send(whole)).error).toBe('subtensorModule.SlippageTooHigh');
    const before = await staked();
    expect((await send(call('addStakeLimit', hotkey, NETUID, 10_000n * TAO, limit, true))).error).toBeNull();
    expect((await staked()) - before).toBeLessThan(100n * TAO);
    expect(number(await called(bench.api, 'swapRuntimeApi.currentAlphaPrice', NETUID))).toBeLessThanOrEqual(limit);
  });
});

describe('stake is refused in the block', () => {
  const stranger = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';
  test.each([
    ['SubnetNotExists', () => call('addStake', hotkey, 77, TAO)],
    ['AmountTooLow', () => call('addStake', hotkey, NETUID, 1_999_999n)],
    ['NotEnoughBalanceToStake', () => call('addStake', hotkey, NETUID, 9_000_000n * TAO)],
    ['HotKeyAccountNotExists', () => call('addStake', stranger, NETUID, TAO)],
    ['NotEnoughStakeToWithdraw', () => call('removeStake', hotkey, NETUID, 9_000_000n * TAO)],
    ['AmountTooLow', () => call('removeStake', hotkey, NETUID, 1n)],
    ['SameNetuid', () => call('swapStake', hotkey, NETUID, NETUID, TAO)],
    ['NotEnoughStakeToWithdraw', () => call('moveStake', hotkey, hotkey, NETUID, ROOT, 9_000_000n * TAO)],
    ['SlippageTooHigh', () => call('removeStakeLimit', hotkey, NETUID, 2n * TAO, 5n * TAO, false)],
    ['HotKeyAccountNotExists', () => call('unstakeAll', stranger)],
  ])('as %s (%#)', async (name, built) => {
    expect((await send(built())).error).toBe(`subtensorModule.${name}`);
  });

  test('as TransferDisallowed where a subnet lets no stake change hands, and as SubtokenDisabled before it trades', async () => {
    await setStorage(bench, hyperparameters.transferToggle.key(NETUID), '0x00');
    const gift = call('transferStake', bench.key('//Eve').address, hotkey, NETUID, NETUID, TAO);
    expect((await send(gift)).error).toBe('subtensorModule.TransferDisallowed');
    await setStorage(bench, hyperparameters.subtokenEnabled.key(NETUID), '0x00');
    expect((await send(call('addStake', hotkey, NETUID, TAO))).error).toBe('subtensorModule.SubtokenDisabled');
    await setStorage(bench, hyperparameters.subtokenEnabled.key(NETUID), '0x01');
  });

  test('as InsufficientLiquidity where the pool is empty', async () => {
    await asRoot(bench, tx(bench.api, 'system.killStorage', [subnet.subnetAlphaIn.key(NETUID)]));
    expect((await send(call('addStake', hotkey, NETUID, TAO))).error).toBe('subtensorModule.InsufficientLiquidity');
  });
});

test('the most that a limit lets through ends at the price of the limit', () => {
  const state = new State({ read: () => null });
  state.set(subnet.subnetMechanism, [NETUID], 1);
  state.set(subnet.subnetTAO, [NETUID], 1_000n * TAO);
  state.set(subnet.subnetAlphaIn, [NETUID], 1_000n * TAO);
  expect(mostTao(state, NETUID, 4n * TAO)).toBe(1_000n * TAO);
  expect(mostTao(state, NETUID, TAO)).toBe(0n);
  expect(mostAlpha(state, NETUID, TAO / 4n)).toBe(1_000n * TAO);
  expect(mostAlpha(state, NETUID, 2n * TAO)).toBe(0n);
});
