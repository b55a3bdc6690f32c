import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringToHex } from '@polkadot/util';
import { openStore } from '../../adapters/artifacts/store.ts';
import { writeIdentity } from '../../cli/identity.ts';
import { retriedSteps } from '../../cli/start/retrying.ts';
import { initConfig } from '../../config/init.ts';
import { ok } from '../../domain/outcome.ts';
import { type Hex, type Hotkey, netuid } from '../../domain/units.ts';
import { toFailure } from '../../temporal/activity-failures.ts';
import { cycleId, submissionId } from '../../temporal/ids.ts';
import { pendingWeights } from '../../workflows/cycle/messages.ts';
import { requestWrite, writerStatus } from '../../workflows/writer/messages.ts';
import { buildUntil, isQuiet, outcomeOf } from '../faults/chain/look.ts';
import { callOf, send } from '../faults/chain/others.ts';
import { openWorld, writerUri } from '../faults/chain/world.ts';
import { smallDisk } from '../setup/small-disk.ts';
import { testTemporal } from '../setup/temporal.ts';
import { runOstinato } from '../stack/processes.ts';
import { judged } from '../workflows/fakes/judged.ts';
import { miner, type ValidatorFakes, validatorActivityNames, validatorScenario } from '../workflows/fakes/validator.ts';
import { fakeWorld } from '../workflows/fakes/world.ts';

const temporal = await testTemporal();
const world = fakeWorld<ValidatorFakes>(temporal, 'validator', validatorActivityNames);
const [one, two] = [miner(1), miner(2)];
// The store keeps 64 MiB free for others.
const { folder: disk, fill, makeRoom, test: onSmallDisk } = smallDisk(80);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-operator-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A validator's directory, as its first process leaves it, for what runs under a hotkey on a chain. */
async function deploymentOf(genesis: Hex, hotkey: Hotkey) {
  const place = join(folder, genesis.slice(2, 10));
  const values = { netuid: 1, state_dir: folder, 'temporal.namespace': temporal.namespace };
  initConfig({ role: 'validator', hotkey: 'operated', run: 'test', folder: place, values });
  await writeIdentity(place, { hotkey, publicKey: `0x${'00'.repeat(32)}`, genesis });
  return (...args: readonly string[]) =>
    runOstinato([...args, '--path', place, '--temporal', temporal.address], folder);
}

/** A cycle whose vector waits, because miner 1 would get two thirds of it. */
async function waitingCycle() {
  const limits = { minCoverage: 0.5, maxMovement: 0.5, maxShare: 0.6, maxDeparted: 0.2 };
  const seen = validatorScenario({ miners: [one, two], losses: { 1: 3, 2: 3.5 }, weights: { limits } });
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  // The chain stands still in Submission until both are judged.
  await Promise.all(
    [one, two].map(({ hotkey }) => judged(temporal.client, submissionId(label, 1, world.hotkey, 0, hotkey))),
  );
  seen.chain.allow(66);
  while ((await handle.query(pendingWeights)) === null) await setTimeout(50);
  return {
    operator: await deploymentOf(`0x${label.padEnd(64, '0')}`, world.hotkey),
    vectors: () => seen.asked.filter(({ call }) => call.kind === 'set_weights').map(({ call }) => call),
    async finish() {
      seen.chain.allow(69);
      await handle.result();
      return seen.records.at(-1);
    },
  };
}

describe('ostinato weights', () => {
  test('amend publishes the vector of a file in place of the one that waits, and the record says who and why', async () => {
    const { operator, vectors, finish } = await waitingCycle();
    const file = join(folder, 'vector.json');
    await writeFile(file, JSON.stringify({ [one.hotkey]: 1, [two.hotkey]: 2 }));
    expect(
      await operator('weights', 'amend', '--reason', 'miner 2 was cut off', '--file', file, '--by', 'alice'),
    ).toEqual(expect.objectContaining({ code: 0, stdout: 'Weights of cycle 0: amended by alice\n' }));
    expect((await finish())?.review).toMatchObject({ decision: 'amended', by: 'alice', reason: 'miner 2 was cut off' });
    while (vectors().length === 0) await setTimeout(50);
    expect(vectors()).toMatchObject([
      {
        weights: [
          { hotkey: one.hotkey, weight: 32_768 },
          { hotkey: two.hotkey, weight: 65_535 },
        ],
      },
    ]);
  }, 60_000);

  test('veto publishes nothing in this cycle', async () => {
    const { operator, vectors, finish } = await waitingCycle();
    expect(await operator('weights', 'show')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The vector of cycle 0 waits until block 69; then: last good.'),
    });
    expect(await operator('weights', 'veto', '--reason', 'a copy ring', '--by', 'bob')).toMatchObject({
      code: 0,
      stdout: 'Weights of cycle 0: vetoed by bob\n',
    });
    expect(await finish()).toMatchObject({
      vector: [],
      review: { decision: 'vetoed', by: 'bob', reason: 'a copy ring' },
    });
    expect(vectors()).toEqual([]);
  }, 60_000);
});

describe('ostinato cycle status', () => {
  onSmallDisk('names the steps that are tried again, such as on a full disk, until there is room', async () => {
    const store = await openStore(join(disk, 'artifacts'));
    const verifySubmission: ValidatorFakes['verifySubmission'] = async () => {
      try {
        await store.put(new Uint8Array(100_000), 'application/vnd.safetensors');
      } catch (error) {
        throw toFailure(error);
      }
      return ok({ sketch: null });
    };
    const seen = validatorScenario({ miners: [one], activities: { verifySubmission } });
    const label = world.enter(seen.fakes);
    fill();
    const handle = await temporal.client.workflow.start('CycleWorkflow', {
      workflowId: cycleId(label, 1, world.hotkey),
      taskQueue: world.queue,
      args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
    });
    const operator = await deploymentOf(`0x${label.padEnd(64, '0')}`, world.hotkey);
    const retried = async () => retriedSteps(temporal.client, await handle.describe());
    while ((await retried()).length === 0) await setTimeout(50);
    const { code, stdout } = await operator('cycle', 'status');
    const child = submissionId(label, 1, world.hotkey, 0, one.hotkey);
    expect(stdout).toContain(`Retried   verifySubmission of ${child}, attempt `);
    expect(stdout).toMatch(/: OST_DISK_FULL: The disk of \S+ is full: \d+ more bytes were needed\.\n/);
    expect(code).toBe(0);
    makeRoom();
    await judged(temporal.client, child);
    expect(await retried()).toEqual([]);
    seen.chain.allow(69);
    await handle.result();
    expect(seen.records.at(-1)?.submissions).toMatchObject([{ hotkey: one.hotkey, outcome: 'ok' }]);
  });
});

describe('ostinato writer', () => {
  test('status tells why writing has stopped, and resolve lets it go on', async () => {
    const chains = await openWorld({ ...temporal, bundlePath: temporal.bundlePath, folder });
    const bench = await chains.open({ balances: { [writerUri]: 100_000_000_000n } });
    try {
      const operator = await deploymentOf(bench.chain.genesis, bench.hotkey);
      const commit = async (text: string) => {
        const call = { kind: 'set_commitment', netuid: netuid(1), text } as const;
        await bench.writer.signal(requestWrite, { key: `commitment/${text}`, call, deadline: null, replyTo: null });
      };
      await commit('first');
      await buildUntil(bench, async () => (await outcomeOf(bench, 'commitment/first')) !== null);
      await buildUntil(bench, () => isQuiet(bench));
      const theirs = callOf(bench, 'Commitments', 'set_commitment', 1, { fields: [{ Raw6: stringToHex('theirs') }] });
      await send(bench, writerUri, theirs);
      await bench.devnet.buildBlock();
      await commit('second');
      await buildUntil(bench, async () => (await bench.writer.query(writerStatus)).stopped !== null);

      const status = await operator('writer', 'status');
      expect(status.stdout).toMatch(/Writing has stopped\. OST_WRITER_FOREIGN_WRITE: another deployment signs/);
      expect(status.stdout).toContain('Open       commitment/second');
      expect(await operator('writer', 'resolve', 'this')).toMatchObject({
        code: 0,
        stdout: 'This deployment goes on writing.\n',
      });
      await buildUntil(bench, async () => (await outcomeOf(bench, 'commitment/second')) !== null);
      expect(await outcomeOf(bench, 'commitment/second')).toMatchObject({ kind: 'included' });
      expect((await operator('writer', 'status')).stdout).toContain('Writing goes on.');
    } finally {
      await bench.close();
      await chains.close();
    }
  }, 90_000);
});
