import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hyperparameters } from '../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../../devnet/chain/declaration/pallets/subtensor-neurons.ts';
import { maxUpscale } from '../../../devnet/chain/runtime/weights/set-weights.ts';
import {
  asRoot,
  type Bench,
  customError,
  include,
  refusalOf,
  setStorage,
  startBench,
  storedJson,
  tx,
} from './support.ts';

const NETUID = 1;
const TAO = 1_000_000_000n;
/** A validator that is not the subnet's owner, so that all checks hold for it. */
const VALIDATOR = '//Validator';
let bench: Bench;

beforeEach(async () => {
  bench = await startBench({
    subnet: { weightsRateLimit: 0, tempo: 100 },
    neurons: [
      { account: VALIDATOR, role: 'validator', stakeRao: 1000n * TAO },
      { account: '//Miner', role: 'miner' },
    ],
  });
});
afterEach(async () => {
  await bench.close();
});

const weights = (uids: readonly number[], values: readonly number[], version = 0, netuid = NETUID) =>
  tx(bench.api, 'subtensorModule.setWeights', netuid, uids, values, version);
const set = (call: ReturnType<typeof weights>, who = VALIDATOR) => include(bench, call, bench.key(who));
const admin = (method: string, ...args: unknown[]) => asRoot(bench, tx(bench.api, `adminUtils.${method}`, ...args));

describe('set_weights', () => {
  test('stores the vector upscaled to its largest weight, in the submitted order, and marks the block', async () => {
    const result = await set(weights([3, 1, 0], [1, 3, 0]));
    expect(result).toMatchObject({
      error: null,
      events: ['subtensorModule.WeightsSet', 'transactionPayment.TransactionFeePaid', 'system.ExtrinsicSuccess'],
    });
    expect(await storedJson(bench.api, 'subtensorModule.weights', NETUID, 2)).toEqual([
      [3, 21845],
      [1, 65535],
      [0, 0],
    ]);
    expect(await storedJson(bench.api, 'subtensorModule.lastUpdate', NETUID)).toEqual([
      0,
      0,
      bench.net.head().number,
      0,
    ]);
  });

  test('costs nothing, so that a hotkey without money can send it', async () => {
    expect(await storedJson(bench.api, 'system.account', bench.key(VALIDATOR).address)).toMatchObject({ providers: 0 });
    expect((await weights([3], [1]).paymentInfo(bench.key(VALIDATOR))).partialFee.toNumber()).toBe(0);
    expect((await set(weights([3], [1]))).error).toBeNull();
    expect(await storedJson(bench.api, 'system.account', bench.key(VALIDATOR).address)).toMatchObject({ nonce: 1 });
  });

  test('is the same as set_mechanism_weights of mechanism 0, and there is no other mechanism', async () => {
    const mechanism = (mecid: number) =>
      include(
        bench,
        tx(bench.api, 'subtensorModule.setMechanismWeights', NETUID, mecid, [3], [7], 0),
        bench.key(VALIDATOR),
      );
    expect((await mechanism(0)).error).toBeNull();
    expect(await storedJson(bench.api, 'subtensorModule.weights', NETUID, 2)).toEqual([[3, 65535]]);
    expect((await mechanism(1)).error).toBe('subtensorModule.MechanismDoesNotExist');
  });

  test('of nothing but zeros is stored as zeros', async () => {
    await set(weights([0, 1], [0, 0]));
    expect(await storedJson(bench.api, 'subtensorModule.weights', NETUID, 2)).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});

describe('set_weights is refused in the block, and the nonce is used,', () => {
  test.each([
    ['WeightVecNotEqualSize', [1, 2], [1]],
    ['UidsLengthExceedUidsInSubNet', [0, 1, 2, 3, 4], [1, 1, 1, 1, 1]],
    ['DuplicateUids', [1, 1], [1, 1]],
    ['UidVecContainInvalidOne', [99], [1]],
    ['WeightVecLengthIsLow', [], []],
  ])('as %s', async (name, uids, values) => {
    expect((await set(weights(uids, values))).error).toBe(`subtensorModule.${name}`);
    expect(await storedJson(bench.api, 'system.account', bench.key(VALIDATOR).address)).toMatchObject({ nonce: 1 });
    expect(await storedJson(bench.api, 'subtensorModule.weights', NETUID, 2)).toEqual([]);
  });

  test('as HotKeyNotRegisteredInSubNet for a stranger, as long as no stake is demanded', async () => {
    expect((await set(weights([1], [1]), '//Stranger')).error).toBe('subtensorModule.HotKeyNotRegisteredInSubNet');
  });

  test('as NeuronNoValidatorPermit for a miner that weighs others; itself it may', async () => {
    expect((await set(weights([1], [1]), '//Miner')).error).toBe('subtensorModule.NeuronNoValidatorPermit');
    expect((await set(weights([3], [1]), '//Miner')).error).toBeNull();
  });

  test('as CanNotSetRootNetworkWeights and MechanismDoesNotExist for the root and for no subnet', async () => {
    expect((await set(weights([1], [1], 0, 0))).error).toBe('subtensorModule.CanNotSetRootNetworkWeights');
    // Where nothing is set commit-reveal counts as on, and is looked at first.
    expect((await set(weights([1], [1], 0, 77))).error).toBe('subtensorModule.CommitRevealEnabled');
    await setStorage(bench, hyperparameters.commitRevealWeightsEnabled.key(77), '0x00');
    expect((await set(weights([1], [1], 0, 77))).error).toBe('subtensorModule.MechanismDoesNotExist');
  });

  test('as IncorrectWeightVersionKey below the version of the subnet, not above', async () => {
    await admin('sudoSetWeightsVersionKey', NETUID, 5);
    expect((await set(weights([1], [1], 4))).error).toBe('subtensorModule.IncorrectWeightVersionKey');
    expect((await set(weights([1], [1], 6))).error).toBeNull();
  });

  test('as WeightVecLengthIsLow below the minimum, which is never more than there are neurons', async () => {
    await admin('sudoSetMinAllowedWeights', NETUID, 1000);
    expect((await set(weights([0, 1, 3], [1, 1, 0]))).error).toBe('subtensorModule.WeightVecLengthIsLow');
    expect((await set(weights([0, 1, 2, 3], [1, 1, 0, 0]))).error).toBeNull();
    expect((await set(weights([2], [1]))).error).toBeNull(); // oneself alone
  });

  test('as CommitRevealEnabled while that is on', async () => {
    await admin('sudoSetCommitRevealWeightsEnabled', NETUID, true);
    expect((await set(weights([1], [1]))).error).toBe('subtensorModule.CommitRevealEnabled');
  });
});

describe('set_weights is refused by the pool, and nothing is used,', () => {
  test('as custom error 6 before the rate limit has passed, and taken in the first block after it', async () => {
    await admin('sudoSetWeightsSetRateLimit', NETUID, 4);
    await set(weights([1], [1]));
    const sent = bench.net.head().number;
    for (const after of [1, 2, 3]) {
      expect(await refusalOf(bench, weights([1], [2]), bench.key(VALIDATOR))).toEqual(customError(6));
      expect((await bench.net.buildBlock()).number).toBe(sent + after);
    }
    const again = await set(weights([1], [2]));
    expect(again.error).toBeNull();
    expect(bench.net.head().number).toBe(sent + 4);
    expect(await storedJson(bench.api, 'system.account', bench.key(VALIDATOR).address)).toMatchObject({ nonce: 2 });
  });

  test('as custom error 6 right after registration, because LastUpdate starts there', async () => {
    await admin('sudoSetWeightsSetRateLimit', NETUID, 5);
    const eve = bench.key('//Eve');
    await include(bench, tx(bench.api, 'subtensorModule.burnedRegister', NETUID, eve.address), eve);
    expect(await refusalOf(bench, weights([4], [1]), eve)).toEqual(customError(6));
  });

  test('as custom error 1 below the stake threshold, for strangers too; the owner needs none', async () => {
    await admin('sudoSetStakeThreshold', 1001n * TAO);
    expect(await refusalOf(bench, weights([1], [1]), bench.key(VALIDATOR))).toEqual(customError(1));
    expect(await refusalOf(bench, weights([1], [1]), bench.key('//Stranger'))).toEqual(customError(1));
    await setStorage(bench, neurons.totalHotkeyAlpha.key(hexOf('//Alice'), NETUID), `0x${'00'.repeat(8)}`);
    expect((await set(weights([1], [1]), '//Alice')).error).toBeNull();
  });

  test('counts stake on root by its weight', async () => {
    await admin('sudoSetStakeThreshold', 1001n * TAO);
    const onRoot = Buffer.alloc(8);
    onRoot.writeBigUInt64LE(100n * TAO); // times TaoWeight, 5.27 %: a little more than 5 TAO
    await setStorage(bench, neurons.totalHotkeyAlpha.key(hexOf(VALIDATOR), 0), `0x${onRoot.toString('hex')}`);
    expect((await set(weights([1], [1]))).error).toBeNull();
  });
});

test('the upscaled vector has 65535 at its largest weight and keeps all proportions', () => {
  expect(maxUpscale([1, 2])).toEqual([32768, 65535]);
  expect(maxUpscale([10, 20, 30])).toEqual([21845, 43690, 65535]);
  fc.assert(
    fc.property(fc.array(fc.nat(65535), { minLength: 1 }), (values) => {
      const largest = Math.max(...values);
      const scaled = maxUpscale(values);
      expect(Math.max(...scaled)).toBe(largest === 0 ? 0 : 65535);
      values.forEach((value, at) => {
        if (largest > 0) expect(Math.abs((scaled[at] ?? 0) / 65535 - value / largest)).toBeLessThanOrEqual(0.5 / 65535);
      });
      expect(maxUpscale(scaled)).toEqual(scaled);
    }),
  );
});

const hexOf = (uri: string): `0x${string}` => `0x${Buffer.from(bench.key(uri).publicKey).toString('hex')}`;
