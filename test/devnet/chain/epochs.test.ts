import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hyperparameters } from '../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../../devnet/chain/declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../../devnet/chain/declaration/pallets/subtensor-subnet.ts';
import { encode } from '../../../devnet/chain/scale/codec.ts';
import { u64 } from '../../../devnet/chain/scale/primitive.ts';
import { asRoot, type Bench, include, setStorage, startBench, stored, storedJson, tx } from './support.ts';

const NETUID = 1;
const TEMPO = 6;
let bench: Bench;

beforeEach(async () => {
  bench = await startBench({
    subnet: { weightsRateLimit: 0, tempo: TEMPO, burnRao: 1_000_000n },
    neurons: [{ account: '//Validator', role: 'validator' }],
  });
});
afterEach(async () => {
  await bench.close();
});

const read = (item: string, index = NETUID) => storedJson(bench.api, `subtensorModule.${item}`, index);
const build = async (count: number) => {
  for (let built = 0; built < count; built++) await bench.net.buildBlock();
};
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const weights = (uids: readonly number[], values: readonly number[], mecid = 0) =>
  include(
    bench,
    tx(bench.api, 'subtensorModule.setMechanismWeights', NETUID, mecid, uids, values, 0),
    bench.key('//Validator'),
  );
const register = (uri: string) =>
  include(
    bench,
    tx(bench.api, 'subtensorModule.burnedRegister', NETUID, bench.key(uri).address),
    bench.key('//Charlie'),
  );
const eventNames = async () =>
  ((await stored(bench.api, 'system.events')).toHuman() as { event: { method: string } }[]).map(
    ({ event }) => event.method,
  );

describe('an epoch', () => {
  test('is put off where too many are due, block by block, and counts as run meanwhile', async () => {
    await build(TEMPO - 2);
    await setStorage(bench, hyperparameters.maxEpochsPerBlock.key(), '0x00');
    expect(bench.net.head().number).toBe(TEMPO - 1);
    await bench.net.buildBlock();
    expect(await eventNames()).toContain('EpochDeferred');
    expect(await read('pendingEpochAt')).toBe(TEMPO + 1);
    expect(await read('subnetEpochIndex')).toBe(0);
    // A commit in a block whose epoch is due belongs to the next one.
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetCommitRevealWeightsEnabled', NETUID, true));
    const commit = tx(bench.api, 'subtensorModule.commitWeights', NETUID, `0x${'07'.repeat(32)}`);
    await include(bench, commit, bench.key('//Validator'));
    const { address } = bench.key('//Validator');
    const committed = (await storedJson(bench.api, 'subtensorModule.weightCommits', NETUID, address)) as [
      string,
      number,
    ][];
    expect(committed[0]?.[1]).toBe(1);
    await setStorage(bench, hyperparameters.maxEpochsPerBlock.key(), '0x02');
    const { number } = await bench.net.buildBlock();
    expect(await read('subnetEpochIndex')).toBe(1);
    expect(await read('lastEpochBlock')).toBe(number);
    expect(await read('pendingEpochAt')).toBe(0);
    expect(await read('lastMechansimStepBlock')).toBe(number);
    await build(TEMPO);
    expect(await read('lastEpochBlock')).toBe(number + TEMPO);
  });

  test('runs at a pending block, and where nothing ran for far too long, whatever the tempo', async () => {
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetTempo', NETUID, 5000));
    await setStorage(bench, subnet.pendingEpochAt.key(NETUID), hex(encode(u64, 4n)));
    await build(2);
    expect(await read('lastEpochBlock')).toBe(4);
    await setStorage(bench, subnet.blocksSinceLastStep.key(NETUID), hex(encode(u64, 50_400n)));
    await build(2);
    expect(await read('lastEpochBlock')).toBe(7);
    expect(await read('blocksSinceLastStep')).toBe(0);
  });

  test('counts no weights toward a uid that registered at or after they were set', async () => {
    await register('//Old');
    await bench.net.buildBlock();
    await weights([1, 3], [1, 3]);
    await build(TEMPO);
    expect(await read('incentive')).toEqual([0, 16384, 0, 49151]);
    // The uid is somebody else's now, since after the weights were set.
    await setStorage(bench, neurons.blockAtRegistration.key(NETUID, 3), hex(encode(u64, 100n)));
    await build(TEMPO);
    expect(await read('incentive')).toEqual([0, 65535, 0, 0]);
  });

  test('counts none toward a uid that registered after the first commit that still waits', async () => {
    const one = await register('//Known');
    expect(one.error).toBeNull();
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetTempo', NETUID, 20));
    await weights([1, 3], [1, 1]);
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetCommitRevealWeightsEnabled', NETUID, true));
    await setStorage(bench, hyperparameters.revealPeriodEpochs.key(NETUID), hex(encode(u64, 3n)));
    const commit = tx(bench.api, 'subtensorModule.commitWeights', NETUID, `0x${'07'.repeat(32)}`);
    await include(bench, commit, bench.key('//Alice'));
    const committedAt = bench.net.head().number;
    // As if it had come right after the commit, but before the validator set its weights.
    await setStorage(bench, neurons.blockAtRegistration.key(NETUID, 3), hex(encode(u64, BigInt(committedAt + 1))));
    await setStorage(
      bench,
      neurons.lastUpdate.key(NETUID),
      hex(encode(neurons.lastUpdate.value, [0n, 0n, BigInt(committedAt + 2), 0n])),
    );
    await build(20);
    expect(await read('incentive')).toEqual([0, 65535, 0, 0]);
  });

  test('gives every mechanism incentives of its own, and the subnet what they make together', async () => {
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetMaxAllowedUids', NETUID, 16));
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetMechanismCount', NETUID, 2));
    await weights([0], [1], 0);
    await weights([1], [1], 1);
    await build(TEMPO);
    expect(await read('incentive')).toEqual([65535, 0, 0]);
    expect(await read('incentive', 4096 + NETUID)).toEqual([0, 65535, 0]);
    expect(await read('consensus')).toEqual([32768, 32768, 0]);
  });
});
