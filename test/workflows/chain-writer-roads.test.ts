import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DevnetOptions } from '../../devnet/chain/start.ts';
import { revealKey, type WriteRequest } from '../../domain/chain-write.ts';
import { blocks, type Hex, hotkey, netuid } from '../../domain/units.ts';
import { resendKey, weightsKey } from '../../temporal/ids.ts';
import { requestWrite, writerStatus } from '../../workflows/writer/messages.ts';
import { buildUntil, isQuiet, outcomeOf, recordedOf } from '../faults/chain/look.ts';
import { asRoot } from '../faults/chain/others.ts';
import { type Bench, openWorld, type World } from '../faults/chain/world.ts';
import { testTemporal } from '../setup/temporal.ts';

const temporal = await testTemporal();
const bob = hotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const one = netuid(1);
let folder = '';
let world: World;
/** Where no workflow is cached: as if the writer's worker died after each of its tasks. */
let forgetful: World;
const opened: Bench[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-roads-'));
  const place = { ...temporal, bundlePath: temporal.bundlePath, folder };
  [world, forgetful] = await Promise.all([openWorld(place), openWorld(place, 0)]);
}, 60_000);

afterAll(async () => {
  for (const bench of opened) await bench.close();
  await world?.close();
  await forgetful?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(
  subnet: DevnetOptions['subnet'],
  { timelock = true, beaconStalled = false, switchedOn = false, workerDies = false } = {},
): Promise<Bench> {
  const bench = await (workerDies ? forgetful : world).open({
    subnet: { weightsRateLimit: 5, tempo: 24, ...subnet },
    timelock,
    ...(switchedOn ? { beaconPeriodS: 1 } : {}),
    // A minute a block: a few of them are an outage.
    ...(beaconStalled ? { nominalBlockTimeMs: 60_000 } : {}),
  });
  bench.devnet.faults.stallBeacon(beaconStalled);
  opened.push(bench);
  for (let i = 0; i < 12; i++) await bench.devnet.buildBlock();
  return bench;
}

const weights = (period: number, weight = 30_000, mecid = 0): WriteRequest => ({
  key: weightsKey(1, mecid, period),
  call: {
    kind: 'set_weights',
    netuid: one,
    mecid,
    period: blocks(1_000_000 + period),
    weights: [
      { hotkey: bob, weight },
      { hotkey: hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'), weight: 65_535 },
    ],
    versionKey: '0',
  },
  deadline: null,
  replyTo: null,
});

async function stored({ chain, hotkey: own }: Bench, mecid = 0, at?: Hex) {
  const uid = await chain.registration(one, own);
  return uid === null ? null : chain.weights(one, uid, mecid, at);
}

const calls = async (of: Bench) => (await recordedOf(of)).map(({ call, error }) => error ?? call);

/** What the ledger says of the reveals of a vector. */
async function reveals({ ledger }: Bench, key: string) {
  const rows = await ledger.writes.list({});
  return rows.filter((row) => row.key.startsWith(revealKey(key))).map(({ outcome }) => outcome);
}

const asked = async (of: Bench, request: WriteRequest) => {
  await of.writer.signal(requestWrite, request);
  await buildUntil(of, async () => (await outcomeOf(of, request.key)) !== null);
  return outcomeOf(of, request.key);
};

const vector = [
  [0, 65_535],
  [1, 30_000],
];

describe('with commit-reveal on, weights', () => {
  test.concurrent('are sealed to a round of the next epoch, and the chain opens them', async () => {
    const on = await open({ commitReveal: true }, { workerDies: true });
    const outcome = await asked(on, weights(1));
    if (outcome?.kind !== 'included') throw new Error(`sealed: ${outcome?.kind}`);
    expect(outcome.road).toBe('timelock');
    // Where its worker is slow to come back, the chain has opened them before anybody looks at its head.
    expect(await stored(on, 0, await on.chain.blockHash(outcome.block))).toEqual([]);
    await buildUntil(on, () => isQuiet(on));
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitTimelockedWeights']);
    expect(await reveals(on, weights(1).key)).toEqual([expect.objectContaining({ kind: 'already' })]);
  }, 180_000);

  test.concurrent('are committed by a hash where there are no timelocks, and opened by an extrinsic of our own', async () => {
    const on = await open({ commitReveal: true }, { timelock: false, workerDies: true });
    expect(await asked(on, weights(1))).toMatchObject({ kind: 'included', road: 'hash' });
    const { salt } = await committed(on);
    const shown = JSON.stringify([await on.writer.query(writerStatus), await on.writer.describe()]);
    expect(shown).not.toContain(JSON.stringify(salt).slice(1, -1));
    await buildUntil(on, () => isQuiet(on));
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitWeights', 'revealWeights']);
    expect(await reveals(on, weights(1).key)).toEqual([expect.objectContaining({ kind: 'included' })]);
  }, 180_000);

  test.concurrent('are committed by a hash, too, while the beacon stands still and no timelock would open', async () => {
    const on = await open({ commitReveal: true }, { beaconStalled: true });
    expect(await asked(on, weights(1))).toMatchObject({ kind: 'included', road: 'hash' });
    await buildUntil(on, () => isQuiet(on));
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitWeights', 'revealWeights']);
  }, 180_000);

  test.concurrent.each([true, false])(
    'of a mechanism go its own way (timelocks: %s)',
    async (timelock) => {
      const on = await open({ commitReveal: true, mechanisms: 2 }, { timelock });
      await asked(on, weights(1, 30_000, 1));
      await buildUntil(on, () => isQuiet(on));
      expect(await stored(on, 1)).toEqual(vector);
      expect(await stored(on, 0)).toEqual([]);
      expect(await calls(on)).toEqual(
        timelock ? ['commitTimelockedMechanismWeights'] : ['commitMechanismWeights', 'revealMechanismWeights'],
      );
    },
    180_000,
  );

  test.concurrent('are claimed in the protection record before the commitment leaves', async () => {
    const on = await open({ commitReveal: true });
    await asked(on, weights(1));
    expect(await on.ledger.protection.list({})).toEqual([
      expect.objectContaining({ period: 1_000_001, uids: [0, 1], values: [65_535, 30_000] }),
    ]);
    const other = { ...weights(1, 7), key: 'weights/by-another-name' };
    expect(await asked(on, other)).toMatchObject({ kind: 'refused', code: 'OST_PROTECTION_CONFLICT' });
    expect(await calls(on)).toEqual(['commitTimelockedWeights']);
  }, 180_000);

  test.concurrent('are opened though the writer went on to another run in between', async () => {
    const on = await open({ commitReveal: true }, { timelock: false });
    await asked(on, weights(1));
    const { runId } = await on.writer.describe();
    await Promise.all(Array.from({ length: 100 }, () => on.writer.signal(requestWrite, weights(1))));
    await buildUntil(on, async () => (await on.writer.describe()).runId !== runId);
    await buildUntil(on, () => isQuiet(on));
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitWeights', 'revealWeights']);
  }, 180_000);
});

describe('when commit-reveal is switched', () => {
  test.concurrent('off before the reveal of a hash, the same vector is set plainly', async () => {
    const on = await open({ commitReveal: true }, { timelock: false, workerDies: true });
    await asked(on, weights(1));
    await asRoot(on, 'sudo_set_commit_reveal_weights_enabled', 1, false);
    await buildUntil(on, async () => (await isQuiet(on)) && (await stored(on))?.length === 2);
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitWeights', 'setWeights']);
  }, 180_000);

  test.concurrent('on while a vector waits for its turn, that is committed', async () => {
    const off = await open({ weightsRateLimit: 20 }, { switchedOn: true });
    expect(await asked(off, weights(1))).not.toHaveProperty('road');
    await off.writer.signal(requestWrite, weights(2, 60_000));
    await asRoot(off, 'sudo_set_commit_reveal_weights_enabled', 1, true);
    await buildUntil(off, async () => (await outcomeOf(off, weights(2).key)) !== null && isQuiet(off));
    expect(await stored(off)).toEqual([
      [0, 65_535],
      [1, 60_000],
    ]);
    expect(await calls(off)).toEqual(['setWeights', 'commitTimelockedWeights']);
  }, 180_000);
});

describe('a commitment', () => {
  test.concurrent('whose round comes too late, because the tempo was cut, is made anew', async () => {
    const on = await open({ commitReveal: true, tempo: 60 }, { workerDies: true });
    await asked(on, weights(1));
    await asRoot(on, 'sudo_set_tempo', 1, 16);
    await buildUntil(on, async () => (await isQuiet(on)) && (await stored(on))?.length === 2);
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitTimelockedWeights', 'commitTimelockedWeights']);
    expect(await reveals(on, weights(1).key)).toContainEqual(
      expect.objectContaining({ kind: 'refused', code: 'OST_CHAIN_REVEAL_MISPLACED' }),
    );
  }, 180_000);

  test.concurrent('that the chain drops in silence is an alarm, until the vector is there after all', async () => {
    const on = await open({ commitReveal: true });
    await asked(on, weights(1));
    await asRoot(on, 'sudo_set_stake_threshold', 1_000_000_000_000_000n);
    const alarms = async () => (await on.writer.query(writerStatus)).alarms;
    await buildUntil(on, async () => (await alarms()).length > 0);
    expect(await alarms()).toEqual([expect.objectContaining({ code: 'OST_CHAIN_REVEAL_DROPPED' })]);
    expect(await stored(on)).toEqual([]);
    await buildUntil(on, async () => needsOperator(on));
    await asRoot(on, 'sudo_set_stake_threshold', 0);
    await buildUntil(on, async () => (await isQuiet(on)) && (await stored(on))?.length === 2);
    expect(await alarms()).toEqual([]);
    expect(await stored(on)).toEqual(vector);
    expect(await calls(on)).toEqual(['commitTimelockedWeights', 'commitTimelockedWeights']);
    await buildUntil(on, async () => !(await needsOperator(on)));
  }, 180_000);
});

async function needsOperator({ writer }: Bench): Promise<boolean> {
  const { searchAttributes } = await writer.describe();
  return searchAttributes['NeedsOperator']?.[0] === true;
}

/** What the signing worker kept of the newest commitment, from the history. */
async function committed({ writer }: Bench): Promise<{ readonly salt: readonly number[] }> {
  const { events } = await writer.fetchHistory();
  for (const event of events?.toReversed() ?? []) {
    const [payload] = event.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
    const text = payload?.data == null ? '' : Buffer.from(payload.data).toString('utf8');
    if (text.includes('"salt"')) return (JSON.parse(text) as { commit: { salt: number[] } }).commit;
  }
  throw new Error('nothing was committed');
}

test.concurrent('weights that grew old are sent again under a period of their own kind, and a cycle of that block still has its say', async () => {
  const on = await open({ commitReveal: false }, { workerDies: true });
  const resend = (period: number, weight: number): WriteRequest => {
    const request = weights(period, weight);
    if (request.call.kind !== 'set_weights') throw new Error('weights of another kind');
    return { ...request, key: `${resendKey(1, 0, period)}/${weight}`, call: { ...request.call, resend: true } };
  };
  expect(await asked(on, weights(1))).toMatchObject({ kind: 'included' });
  expect(await asked(on, resend(2, 30_000))).toMatchObject({ kind: 'included', uids: [0, 1] });
  // One resend a period: another vector is not signed, while that of a cycle which began at the same block is.
  expect(await asked(on, resend(2, 20_000))).toMatchObject({ kind: 'refused', code: 'OST_PROTECTION_CONFLICT' });
  expect(await asked(on, weights(2, 10_000))).toMatchObject({ kind: 'included' });
  expect(await stored(on)).toEqual([
    [0, 65_535],
    [1, 10_000],
  ]);
  expect(await calls(on)).toEqual(['setWeights', 'setWeights', 'setWeights']);
  expect((await on.ledger.protection.list()).map(({ kind, period }) => `${kind} ${period}`).toSorted()).toEqual([
    'cycle 1000001',
    'cycle 1000002',
    'resend 1000002',
  ]);
}, 180_000);
