import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DevnetOptions } from '../../devnet/chain/start.ts';
import { revealKey, type WriteRequest } from '../../domain/chain-write.ts';
import { blocks, hotkey, netuid } from '../../domain/units.ts';
import { weightsKey } from '../../temporal/ids.ts';
import { requestWrite } from '../../workflows/writer/messages.ts';
import { buildUntil, isQuiet, outcomeOf, recordedOf } from '../faults/chain/look.ts';
import { type Bench, openWorld, type World } from '../faults/chain/world.ts';
import { testTemporal } from '../setup/temporal.ts';

const temporal = await testTemporal();
const bob = hotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const one = netuid(1);
let folder = '';
let world: World;
let bench: Bench | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-roads-'));
  world = await openWorld({ ...temporal, bundlePath: temporal.bundlePath, folder });
}, 60_000);

afterEach(async () => {
  await bench?.close();
  bench = null;
});

afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(subnet: DevnetOptions['subnet'], around?: Parameters<World['open']>[1]): Promise<Bench> {
  bench = await world.open({ subnet: { weightsRateLimit: 5, tempo: 24, ...subnet } }, around);
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

async function stored({ chain, hotkey: own }: Bench, mecid = 0) {
  const uid = await chain.registration(one, own);
  return uid === null ? null : chain.weights(one, uid, mecid);
}

const calls = async (of: Bench) => (await recordedOf(of)).map(({ call, error }) => error ?? call);

describe('with commit-reveal on', () => {
  test('weights are sealed to a round of the next epoch, and the chain opens them', async () => {
    const on = await open({ commitReveal: true });
    await on.writer.signal(requestWrite, weights(1));
    await buildUntil(on, async () => (await outcomeOf(on, weights(1).key)) !== null);
    expect(await outcomeOf(on, weights(1).key)).toMatchObject({ kind: 'included', road: 'timelock' });
    expect(await stored(on)).toEqual([]);
    await buildUntil(on, () => isQuiet(on));
    expect(await stored(on)).toEqual([
      [0, 65_535],
      [1, 30_000],
    ]);
    expect(await calls(on)).toEqual(['commitTimelockedWeights']);
    const rows = await on.ledger.writes.list({});
    expect(rows.find(({ key }) => key.startsWith(revealKey(weights(1).key)))?.outcome).toMatchObject({
      kind: 'already',
    });
  }, 60_000);
});
