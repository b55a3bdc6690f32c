import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hyperparameters } from '../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import {
  type Bench,
  customError,
  include,
  refusalOf,
  setStorage,
  startBench,
  storedJson,
  type Tx,
  tx,
} from './support.ts';

const TAO = 1_000_000_000n;
let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ balances: { '//Poor': 500n * TAO } });
});
afterAll(async () => {
  await bench.close();
});

const call = (name: string, ...args: unknown[]) => tx(bench.api, `subtensorModule.${name}`, ...args);
const send = (built: Tx, who = '//Charlie') => include(bench, built, bench.key(who));
const read = (item: string, ...args: unknown[]) => storedJson(bench.api, `subtensorModule.${item}`, ...args);

test('a subnet is founded for what it costs, by a coldkey whose hotkey it is; its epochs and its pool begin', async () => {
  const hot = bench.key('//Hot').address;
  expect((await send(call('registerNetwork', hot), '//Poor')).error).toBe('subtensorModule.CannotAffordLockCost');
  expect((await send(call('registerNetwork', bench.key('//Bob').address))).error).toBe(
    'subtensorModule.NonAssociatedColdKey',
  );
  const result = await send(call('registerNetwork', hot));
  expect(result.error).toBeNull();
  expect(result.events).toEqual(
    expect.arrayContaining(['subtensorModule.NeuronRegistered', 'subtensorModule.NetworkAdded']),
  );
  const { number } = bench.net.head();
  expect(await read('subnetOwner', 2)).toBe(bench.key('//Charlie').address);
  expect(await read('keys', 2, 0)).toBe(hot);
  expect(await read('lastEpochBlock', 2)).toBe(number - 2);
  expect(await read('commitRevealWeightsEnabled', 2)).toBe(true);
  await bench.net.buildBlock();
  expect(await read('blocksSinceLastStep', 2)).toBe(1);
});

test('a second one within the rate limit is refused by the pool as custom error 6, whoever asks', async () => {
  await setStorage(bench, hyperparameters.networkRateLimit.key(), '0x6400000000000000');
  const built = call('registerNetwork', bench.key('//Other').address);
  expect(await refusalOf(bench, built, bench.key('//Dave'))).toEqual(customError(6));
});

test('its alpha trades when its owner has said so, once', async () => {
  const hot = bench.key('//Hot').address;
  expect((await send(call('addStake', hot, 2, TAO), '//Dave')).error).toBe('subtensorModule.SubtokenDisabled');
  expect((await send(call('startCall', 2), '//Dave')).error).toBe('BadOrigin');
  expect((await send(call('startCall', 9))).error).toBe('subtensorModule.SubnetNotExists');
  expect((await send(call('startCall', 2))).events).toContain('subtensorModule.FirstEmissionBlockNumberSet');
  expect((await send(call('startCall', 2))).error).toBe('subtensorModule.FirstEmissionBlockNumberAlreadySet');
  expect((await send(call('addStake', hot, 2, TAO), '//Dave')).error).toBeNull();
});
