import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { loadTimelock } from '../../../devnet/chain/runtime/timelock.ts';
import { type Beacon, roundAt } from '../../../domain/timelock/beacon.ts';
import { QUICKNET } from '../../../domain/timelock/quicknet.ts';
import { encodeWeightsPayload } from '../../../domain/timelock/weights-payload.ts';
import {
  asRoot,
  type Bench,
  customError,
  type Included,
  include,
  refusalOf,
  startBench,
  stored,
  storedJson,
  type Tx,
  tx,
} from './support.ts';

const NETUID = 1;
const TEMPO = 8;
const TAO = 1_000_000_000n;
const VALIDATOR = '//Validator';
const VERSION = 4;
const timelock = loadTimelock();
let bench: Bench;

const open = (options: { readonly beaconPeriodS?: number } = {}): Promise<Bench> =>
  startBench({
    ...options,
    nominalBlockTimeMs: 12_000,
    subnet: { weightsRateLimit: 0, tempo: TEMPO, commitReveal: true, mechanisms: 2 },
    neurons: [
      { account: VALIDATOR, role: 'validator', stakeRao: 1000n * TAO },
      { account: '//Miner', role: 'miner' },
    ],
  });

beforeEach(async () => {
  // One round for each block: they are signed one by one.
  bench = await open({ beaconPeriodS: 12 });
});
afterEach(async () => {
  await bench.close();
});

const send = (built: Tx, who = VALIDATOR): Promise<Included> => include(bench, built, bench.key(who));
const refused = (built: Tx, who = VALIDATOR) => refusalOf(bench, built, bench.key(who));
const admin = (method: string, ...args: unknown[]) => asRoot(bench, tx(bench.api, `adminUtils.${method}`, ...args));
const call = (name: string, ...args: unknown[]) => tx(bench.api, `subtensorModule.${name}`, ...args);
const lastRound = async () => BigInt(String(await storedJson(bench.api, 'drand.lastStoredRound')));
const weightsOf = (index = NETUID) => storedJson(bench.api, 'subtensorModule.weights', index, 2);
const epoch = async () => Number(await storedJson(bench.api, 'subtensorModule.subnetEpochIndex', NETUID));
const waiting = (ofEpoch: number, index = NETUID) =>
  storedJson(bench.api, 'subtensorModule.timelockedWeightCommits', index, ofEpoch);

async function beacon(): Promise<Beacon> {
  const config = (await storedJson(bench.api, 'drand.beaconConfig')) as Record<string, unknown>;
  return {
    publicKey: hexToU8a(String(config['publicKey'])),
    genesisS: Number(config['genesisTime']),
    periodS: Number(config['period']),
  };
}

/** A commit that opens `blocks` blocks from now. */
async function sealed(blocks: number, changes: Record<string, unknown> = {}, to?: Beacon) {
  const own = await beacon();
  const now = Number(await storedJson(bench.api, 'timestamp.now')) || own.genesisS * 1000;
  const round = BigInt(roundAt(own, now + blocks * 12_000));
  const payload = { hotkey: bench.key(VALIDATOR).publicKey, uids: [1, 3], values: [1, 3], versionKey: 0n, ...changes };
  const bytes = timelock.seal(
    encodeWeightsPayload(payload),
    round,
    (to ?? own).publicKey,
    crypto.getRandomValues(new Uint8Array(32)),
  );
  return { round, hex: u8aToHex(bytes) };
}

const commit = ({ hex, round }: { hex: string; round: bigint }, version = VERSION) =>
  call('commitTimelockedMechanismWeights', NETUID, 0, hex, round, version);

async function buildToEpoch(wanted: number): Promise<void> {
  while ((await epoch()) < wanted) await bench.net.buildBlock();
}

describe('the beacon', () => {
  test('is the chain own, brings its rounds as time goes by, and says when the next ones come', async () => {
    await bench.close();
    bench = await open();
    const { publicKey, periodS } = await beacon();
    expect(publicKey).toHaveLength(96);
    expect(publicKey).not.toEqual(QUICKNET.publicKey);
    expect(periodS).toBe(3);
    await bench.net.buildBlock();
    const first = await lastRound();
    const { hash } = await bench.net.buildBlock();
    expect(await lastRound()).toBe(first + 4n);
    expect(await lastRound()).toBe(
      BigInt(roundAt(await beacon(), Number(await storedJson(bench.api, 'timestamp.now')))),
    );
    const { block } = await bench.api.rpc.chain.getBlock(hash);
    expect(block.extrinsics.map(({ method }) => `${method.section}.${method.method}`)).toEqual([
      'timestamp.set',
      'drand.writePulse',
    ]);
    expect(await storedJson(bench.api, 'drand.pulses', first + 4n)).toMatchObject({ round: Number(first) + 4 });
  });
});

describe('a timelocked commit', () => {
  test('is stored under its epoch, marks the update, and opens by itself when its epoch and its round have come', async () => {
    const one = await sealed(10);
    const committed = await send(commit(one));
    expect(committed.events[0]).toBe('subtensorModule.TimelockedWeightsCommitted');
    const { number } = bench.net.head();
    const { address } = bench.key(VALIDATOR);
    expect(await waiting(0)).toEqual([[address, number, one.hex, Number(one.round)]]);
    await buildToEpoch(1);
    while ((await lastRound()) < one.round) {
      expect(await weightsOf()).toEqual([]);
      await bench.net.buildBlock();
    }
    const { hash } = await bench.net.buildBlock();
    expect(await weightsOf()).toEqual([
      [1, 21845],
      [3, 65535],
    ]);
    expect(await waiting(0)).toEqual([]);
    expect(await storedJson(bench.api, 'subtensorModule.lastUpdate', NETUID)).toEqual([0, 0, number, 0]);
    const names = (
      (await stored(bench.api, 'system.events', [], hash)).toHuman() as { event: { method: string } }[]
    ).map(({ event }) => event.method);
    expect(names.slice(0, 2)).toEqual(['WeightsSet', 'TimelockedWeightsRevealed']);
  });

  test('whose round comes before its epoch opens with the epoch', async () => {
    await send(commit(await sealed(3)));
    while ((await epoch()) < 1) {
      expect(await weightsOf()).toEqual([]);
      await bench.net.buildBlock();
    }
    expect(await weightsOf()).toHaveLength(2);
  });

  test('of another mechanism sets the weights of that mechanism', async () => {
    const one = await sealed(3);
    await send(call('commitTimelockedMechanismWeights', NETUID, 1, one.hex, one.round, VERSION));
    await buildToEpoch(1);
    expect(await weightsOf(4096 + NETUID)).toHaveLength(2);
    expect(await weightsOf()).toEqual([]);
  });

  test('can be sent by the calls without a mechanism and without a version, too', async () => {
    const one = await sealed(3, { values: [5, 5] });
    await send(call('commitTimelockedWeights', NETUID, one.hex, one.round, VERSION));
    const older = await sealed(3, { hotkey: null });
    await send(call('commitCrv3MechanismWeights', NETUID, 1, older.hex, older.round));
    await buildToEpoch(1);
    expect(await weightsOf()).toEqual([
      [1, 65535],
      [3, 65535],
    ]);
    expect(await weightsOf(4096 + NETUID)).toHaveLength(2);
  });

  test('made to the key of quicknet is stored, stays closed, and goes when its epoch is over', async () => {
    const foreign = await sealed(10, {}, QUICKNET);
    await send(commit({ ...foreign, round: 34_000_000n }));
    await buildToEpoch(1);
    for (let block = 1; block < TEMPO; block++) await bench.net.buildBlock();
    expect(await epoch()).toBe(1);
    expect(await waiting(0)).toHaveLength(1);
    await buildToEpoch(2);
    expect(await waiting(0)).toEqual([]);
    expect(await weightsOf()).toEqual([]);
  });

  test.each([
    ['names another hotkey', { hotkey: new Uint8Array(32).fill(5) }],
    ['names a uid that is none', { uids: [1, 99] }],
    ['has lists of unequal lengths', { values: [1] }],
  ])('that %s is dropped without a word', async (_, changes) => {
    await send(commit(await sealed(3, changes)));
    await buildToEpoch(1);
    expect(await waiting(0)).toEqual([]);
    expect(await weightsOf()).toEqual([]);
  });

  test('that is no ciphertext, or one to another round, is dropped without a word', async () => {
    const one = await sealed(3);
    await send(commit({ ...one, hex: '0x010203' }));
    await send(commit({ ...one, round: one.round + 1n }));
    expect(await waiting(0)).toHaveLength(2);
    await buildToEpoch(1);
    expect(await waiting(0)).toEqual([]);
    expect(await weightsOf()).toEqual([]);
  });

  test('to a round that is out already is refused by the pool as 15', async () => {
    for (let block = 0; block < 3; block++) await bench.net.buildBlock();
    const one = await sealed(0);
    expect(await refused(commit({ ...one, round: one.round - 1n }))).toEqual(customError(15));
    expect((await send(commit(one))).error).toBeNull(); // the newest itself may be named
  });

  test('needs the version of the chain, and at most ten of a hotkey wait in one epoch', async () => {
    await admin('sudoSetTempo', NETUID, 40);
    const one = await sealed(50);
    expect((await send(commit(one, 3))).error).toBe('subtensorModule.IncorrectCommitRevealVersion');
    for (let made = 0; made < 10; made++) expect((await send(commit(one))).error).toBeNull();
    expect((await send(commit(one))).error).toBe('subtensorModule.TooManyUnrevealedCommits');
  });

  test('too soon after another is refused in the block, not by the pool', async () => {
    await admin('sudoSetWeightsSetRateLimit', NETUID, 50);
    await send(commit(await sealed(3)));
    expect((await send(commit(await sealed(3)))).error).toBe('subtensorModule.CommittingWeightsTooFast');
  });

  test('longer than 5,000 bytes makes the runtime trap', async () => {
    const one = await sealed(3);
    expect(await refused(commit({ ...one, hex: `0x${'00'.repeat(5001)}` }))).toMatchObject({ code: 1002 });
    expect((await send(commit({ ...one, hex: `0x${'00'.repeat(5000)}` }))).error).toBeNull();
  });

  test('is refused while commit-reveal is off, without stake, and of a stranger', async () => {
    const one = await sealed(30);
    expect((await send(commit(one), '//Stranger')).error).toBe('subtensorModule.HotKeyNotRegisteredInSubNet');
    await admin('sudoSetStakeThreshold', 1001n * TAO);
    expect(await refused(commit(one))).toEqual(customError(1));
    await admin('sudoSetStakeThreshold', 0);
    await admin('sudoSetCommitRevealWeightsEnabled', NETUID, false);
    expect((await send(commit(one))).error).toBe('subtensorModule.CommitRevealDisabled');
  });
});
