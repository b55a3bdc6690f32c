import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { u8aToHex } from '@polkadot/util';
import { hyperparameters } from '../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import { commitHash } from '../../../devnet/chain/runtime/commit-reveal/hash-commit.ts';
import {
  asRoot,
  type Bench,
  customError,
  type Included,
  include,
  refusalOf,
  setStorage,
  startBench,
  storedJson,
  type Tx,
  tx,
} from './support.ts';

const NETUID = 1;
const TEMPO = 8;
const TAO = 1_000_000_000n;
const VALIDATOR = '//Validator';
const VECTOR = { uids: [1, 3], values: [1, 3], salt: [11, 22], version_key: 0n };
let bench: Bench;

beforeEach(async () => {
  bench = await startBench({
    subnet: { weightsRateLimit: 0, tempo: TEMPO, commitReveal: true, mechanisms: 2 },
    neurons: [
      { account: VALIDATOR, role: 'validator', stakeRao: 1000n * TAO },
      { account: '//Miner', role: 'miner' },
    ],
  });
});
afterEach(async () => {
  await bench.close();
});

type Vector = typeof VECTOR;
const call = (name: string, ...args: unknown[]) => tx(bench.api, `subtensorModule.${name}`, ...args);
const hashOf = (vector: Vector, index = NETUID) => commitHash(u8aToHex(bench.key(VALIDATOR).publicKey), index, vector);
const commit = (vector: Vector = VECTOR) => call('commitWeights', NETUID, hashOf(vector));
const reveal = ({ uids, values, salt, version_key: key }: Vector = VECTOR) =>
  call('revealWeights', NETUID, uids, values, salt, key);
const send = (built: Tx, who = VALIDATOR): Promise<Included> => include(bench, built, bench.key(who));
const refused = (built: Tx, who = VALIDATOR) => refusalOf(bench, built, bench.key(who));
const admin = (method: string, ...args: unknown[]) => asRoot(bench, tx(bench.api, `adminUtils.${method}`, ...args));
const epoch = () => storedJson(bench.api, 'subtensorModule.subnetEpochIndex', NETUID);
const weightsOf = (index = NETUID) => storedJson(bench.api, 'subtensorModule.weights', index, 2);

/** Builds blocks until the next transaction's block is in the given epoch. */
async function buildToEpoch(wanted: number): Promise<void> {
  while (Number(await epoch()) < wanted) await bench.net.buildBlock();
}

test('the hash of a commit is that which the real chain took', () => {
  const hotkey = '0x08521c768f6387b73cedbbb81bd5aed4e5779103196cd10a64d5ef69c312a232';
  expect(
    commitHash(hotkey, 2, {
      uids: [1, 2, 3],
      values: [10, 20, 30],
      salt: [11, 22, 33, 44, 55, 66, 77, 88],
      version_key: 7n,
    }),
  ).toBe('0x56fe5bd0faeb3733b3070b5634fb7ae54fcb9c4083c32c294c9a59b038816853');
});

describe('a hash commit', () => {
  test('is stored with its epoch and block, marks the update, and its reveal sets the weights and leaves the mark', async () => {
    const committed = await send(commit());
    expect(committed).toMatchObject({ error: null });
    expect(committed.events[0]).toBe('subtensorModule.WeightsCommitted');
    const { number } = bench.net.head();
    const { address } = bench.key(VALIDATOR);
    expect(await storedJson(bench.api, 'subtensorModule.weightCommits', NETUID, address)).toEqual([
      [hashOf(VECTOR), 0, number, 0],
    ]);
    await buildToEpoch(1);
    const revealed = await send(reveal());
    expect(revealed.events.slice(0, 2)).toEqual(['subtensorModule.WeightsSet', 'subtensorModule.WeightsRevealed']);
    expect(await weightsOf()).toEqual([
      [1, 21845],
      [3, 65535],
    ]);
    expect(await storedJson(bench.api, 'subtensorModule.lastUpdate', NETUID)).toEqual([0, 0, number, 0]);
    expect(await storedJson(bench.api, 'subtensorModule.weightCommits', NETUID, address)).toBeNull();
  });

  test('can be revealed in one epoch alone: before and after it the pool says 17', async () => {
    await send(commit());
    expect(await refused(reveal())).toEqual(customError(17));
    await buildToEpoch(2);
    expect(await refused(reveal())).toEqual(customError(17));
  });

  test('is revealed so many epochs later as the period says', async () => {
    await admin('sudoSetCommitRevealWeightsInterval', NETUID, 2);
    await send(commit());
    await buildToEpoch(1);
    expect(await refused(reveal())).toEqual(customError(17));
    await buildToEpoch(2);
    expect((await send(reveal())).error).toBeNull();
  });

  test('that was never made, or has another salt, is not found: 16', async () => {
    expect(await refused(reveal())).toEqual(customError(16));
    await send(commit());
    await buildToEpoch(1);
    expect(await refused(reveal({ ...VECTOR, salt: [1] }))).toEqual(customError(16));
  });

  test('takes those before it along, and leaves those behind it', async () => {
    const [first, second, third] = [1, 2, 3].map((salt) => ({ ...VECTOR, salt: [salt] }));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three vectors');
    for (const vector of [first, second, third]) await send(commit(vector));
    await buildToEpoch(1);
    await send(reveal(second));
    const { address } = bench.key(VALIDATOR);
    const left = await storedJson(bench.api, 'subtensorModule.weightCommits', NETUID, address);
    expect(left).toEqual([[hashOf(third), 0, 3, 0]]);
  });

  test('waits with nine others at most; those that have run out do not count', async () => {
    await admin('sudoSetTempo', NETUID, 30);
    for (let made = 0; made < 10; made++) await send(commit({ ...VECTOR, salt: [made] }));
    expect((await send(commit())).error).toBe('subtensorModule.TooManyUnrevealedCommits');
    await buildToEpoch(2);
    expect((await send(commit())).error).toBeNull();
  });

  test.each([
    ['HotKeyNotRegisteredInSubNet', '//Stranger', NETUID],
    ['MechanismDoesNotExist', VALIDATOR, 77],
  ])('is refused in the block as %s', async (name, who, netuid) => {
    expect((await send(call('commitWeights', netuid, hashOf(VECTOR)), who)).error).toBe(`subtensorModule.${name}`);
  });

  test('and its reveal are refused while commit-reveal is off, set_weights while it is on', async () => {
    expect((await send(call('setWeights', NETUID, [1], [1], 0))).error).toBe('subtensorModule.CommitRevealEnabled');
    await send(commit());
    await admin('sudoSetCommitRevealWeightsEnabled', NETUID, false);
    expect((await send(commit())).error).toBe('subtensorModule.CommitRevealDisabled');
    await buildToEpoch(1);
    expect((await send(reveal())).error).toBe('subtensorModule.CommitRevealDisabled');
  });

  test('has the rate limit of set_weights, told by the pool; its reveal has none', async () => {
    await admin('sudoSetWeightsSetRateLimit', NETUID, 4);
    await send(commit());
    expect(await refused(commit())).toEqual(customError(6));
    await buildToEpoch(1);
    expect((await send(reveal())).error).toBeNull();
  });

  test('and its reveal need the stake that setting weights needs', async () => {
    await send(commit());
    await admin('sudoSetStakeThreshold', 1001n * TAO);
    expect(await refused(commit())).toEqual(customError(1));
    expect(await refused(reveal())).toEqual(customError(1));
  });

  test('is lost with a vector that cannot be set: the reveal fails and the commit stays', async () => {
    const bad = { ...VECTOR, uids: [1, 1] };
    await send(commit(bad));
    await buildToEpoch(1);
    expect((await send(reveal(bad))).error).toBe('subtensorModule.DuplicateUids');
    const { address } = bench.key(VALIDATOR);
    const left = await storedJson(bench.api, 'subtensorModule.weightCommits', NETUID, address);
    expect(left).toEqual([[hashOf(bad), 0, 1, 0]]);
  });

  test('of another mechanism has its own index, in its hash as in storage', async () => {
    const index = 4096 + NETUID;
    const { uids, values, salt, version_key: key } = VECTOR;
    await send(call('commitMechanismWeights', NETUID, 1, hashOf(VECTOR, index)));
    await buildToEpoch(1);
    expect((await send(call('revealMechanismWeights', NETUID, 1, uids, values, salt, key))).error).toBeNull();
    expect(await weightsOf(index)).toEqual([
      [1, 21845],
      [3, 65535],
    ]);
    expect(await weightsOf()).toEqual([]);
    expect((await send(call('commitMechanismWeights', NETUID, 2, hashOf(VECTOR, 2 * 4096 + NETUID)))).error).toBe(
      'subtensorModule.MechanismDoesNotExist',
    );
  });
});

describe('batches', () => {
  test('of commits go on past one that fails, and say so in events', async () => {
    const result = await send(call('batchCommitWeights', [NETUID, 77], [hashOf(VECTOR), hashOf(VECTOR)]));
    expect(result).toMatchObject({ error: null });
    expect(result.events.slice(0, 3)).toEqual([
      'subtensorModule.WeightsCommitted',
      'subtensorModule.BatchWeightItemFailed',
      'subtensorModule.BatchCompletedWithErrors',
    ]);
    expect((await send(call('batchCommitWeights', [NETUID], [hashOf(VECTOR)]))).events[1]).toBe(
      'subtensorModule.BatchWeightsCompleted',
    );
  });

  test('of reveals set all of them or none', async () => {
    const other = { ...VECTOR, values: [5, 5], salt: [9] };
    await send(commit());
    await send(commit(other));
    await buildToEpoch(1);
    const lists = (vectors: readonly Vector[]) => [
      vectors.map(({ uids }) => uids),
      vectors.map(({ values }) => values),
      vectors.map(({ salt }) => salt),
      vectors.map(({ version_key: key }) => key),
    ];
    const missing = { ...VECTOR, salt: [1] };
    expect(await refused(call('batchRevealWeights', NETUID, ...lists([VECTOR, missing])))).toEqual(customError(16));
    const result = await send(call('batchRevealWeights', NETUID, ...lists([VECTOR, other])));
    expect(result.events.slice(0, 3)).toEqual([
      'subtensorModule.WeightsSet',
      'subtensorModule.WeightsSet',
      'subtensorModule.WeightsBatchRevealed',
    ]);
    expect(await weightsOf()).toEqual([
      [1, 65535],
      [3, 65535],
    ]);
  });

  test('of weights set each subnet on its own', async () => {
    await admin('sudoSetCommitRevealWeightsEnabled', NETUID, false);
    await setStorage(bench, hyperparameters.commitRevealWeightsEnabled.key(77), '0x00');
    const result = await send(
      call(
        'batchSetWeights',
        [NETUID, 77],
        [
          [
            [1, 1],
            [3, 3],
          ],
          [[1, 1]],
        ],
        [0, 0],
      ),
    );
    expect(result.error).toBeNull();
    expect(result.events.slice(0, 3)).toEqual([
      'subtensorModule.WeightsSet',
      'subtensorModule.BatchWeightItemFailed',
      'subtensorModule.BatchCompletedWithErrors',
    ]);
    expect(await weightsOf()).toEqual([
      [1, 21845],
      [3, 65535],
    ]);
  });

  test.each([
    ['batchCommitWeights', () => [[NETUID], []]],
    ['batchSetWeights', () => [[NETUID], [], [0]]],
    ['batchRevealWeights', () => [NETUID, [[1]], [], [[1]], [0]]],
  ] as const)('with lists of unequal lengths are refused by the pool as 18: %s', async (name, args) => {
    expect(await refused(call(name, ...args()))).toEqual(customError(18));
  });
});
