import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createClockActivities } from '../../../activities/clock/await-block.ts';
import { createMergeActivities } from '../../../activities/merge/create.ts';
import { createSignerActivities } from '../../../activities/signer/activities.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { deliver } from '../../../adapters/peers/client.ts';
import type { CyclePlan } from '../../../domain/cycle-plan.ts';
import { mergeDeadlines } from '../../../domain/merge/deadlines.ts';
import { announcementBody, vouchBody } from '../../../domain/merge/messages.ts';
import { mergeProblem } from '../../../domain/merge/record.ts';
import type { MergeOutput } from '../../../domain/merge/workflow.ts';
import { bodyDigest } from '../../../domain/peers/message.ts';
import { blocks, bytes, hotkey, milliseconds, netuid } from '../../../domain/units.ts';
import { mergeId, queuesOf } from '../../../temporal/ids.ts';
import type { MergeWorkflow } from '../../../workflows/merge.ts';
import { type Member, Subnet, schedule, submission } from '../../activities/merge/subnet.ts';
import { rules } from '../../activities/validator-deps.ts';
import { groupTensor } from '../../adapters/published-model/fixture.ts';
import { testTemporal } from '../../setup/temporal.ts';

const temporal = await testTemporal();
const honest = ['//Ann', '//Ben', '//Cleo'];
/** Together less than one of the honest ones. */
const others = ['//Nan', '//Huge', '//Shape', '//Wrong', '//Late', '//Away', '//Double', '//Elsewhere'];
let subnet: Subnet;
let connection: NativeConnection;
const workers: { readonly worker: Worker; readonly done: Promise<void> }[] = [];

beforeAll(async () => {
  subnet = await Subnet.start({
    ...Object.fromEntries(honest.map((uri) => [uri, 10_000])),
    ...Object.fromEntries(others.map((uri) => [uri, 1_000])),
  });
  // Its own, because it may only be closed after the workers.
  connection = await NativeConnection.connect({ address: temporal.address });
  const shared = { connection, namespace: temporal.namespace };
  const create = async (taskQueue: string, activities: object | null) => {
    const worker = await Worker.create({
      ...shared,
      taskQueue,
      maxHeartbeatThrottleInterval: '200ms',
      ...(activities === null ? { workflowBundle: { codePath: temporal.bundlePath } } : { activities }),
    });
    workers.push({ worker, done: worker.run() });
  };
  const { chain } = subnet;
  await create('validator', null);
  await create('chain', createClockActivities({ chain }));
  for (const uri of honest) {
    const { deps, signer } = subnet.get(uri);
    const { ledger, transfer, gpu, signer: signing } = queuesOf('validator', signer.hotkey);
    const activities = createMergeActivities(deps);
    for (const queue of [ledger, transfer, gpu]) await create(queue, activities);
    await create(signing, createSignerActivities({ signer, chain, protection: { claim: async () => 'new' } }));
  }
}, 120_000);
afterAll(async () => {
  for (const { worker } of workers) worker.shutdown();
  await Promise.all(workers.map(({ done }) => done));
  await connection?.close();
  await subnet?.[Symbol.asyncDispose]();
});

const planOf = (member: Member, cycle: number): CyclePlan => ({
  ...rules,
  scheduleNotes: [],
  genesis: subnet.chain.genesis,
  netuid: netuid(1),
  hotkey: member.signer.hotkey,
  schedule,
  cycle,
  skipped: [],
  head: blocks(0),
  blockTimeMs: milliseconds(0),
  model: member.base,
});

/** Starts a validator's merge of a cycle, with submissions of group 0 that improved the model. */
async function start(uri: string, cycle: number, ...submissions: readonly (readonly number[])[]) {
  const member = subnet.get(uri);
  const accepted = [];
  for (const [i, values] of submissions.entries()) {
    accepted.push({ hotkey: hotkey(`5Miner${i}`), group: 0, digest: await submission(member, ...values) });
  }
  return temporal.client.workflow.start<typeof MergeWorkflow>('MergeWorkflow', {
    workflowId: mergeId('test', 1, member.signer.hotkey, cycle),
    taskQueue: 'validator',
    args: [{ chain: 'test', plan: planOf(member, cycle), accepted }],
  });
}

/** Lets each deadline pass once these have spoken; the others are waited for until then. */
async function finish(cycle: number, uris: readonly string[], merges: readonly { result(): Promise<MergeOutput> }[]) {
  const results = Promise.all(merges.map((merge) => merge.result()));
  results.catch(() => undefined);
  const deadlines = mergeDeadlines(schedule, cycle);
  await subnet.heard('merge-announce', cycle, uris);
  await subnet.buildTo(deadlines.announce + 1);
  await subnet.heard('merge-vouch', cycle, uris);
  await subnet.buildTo(deadlines.vouch + 1);
  return results;
}

const outcomesOf = ({ record }: MergeOutput) =>
  Object.fromEntries(
    record.peers.map((peer) => {
      const name = subnet.members.find(({ signer }) => signer.hotkey === peer.hotkey)?.uri;
      return [name, peer.reason === null ? peer.outcome : `${peer.outcome}: ${peer.reason}`];
    }),
  );

/** What a peer that does not play by the rules announces. */
async function announce(uri: string, values: readonly number[], change = {}): Promise<string> {
  const member = subnet.get(uri);
  const file = `${member.tiny.base}/gradient-${values.join()}`;
  await writeSafetensors(file, [groupTensor(0, ...values)]);
  const ref = await member.tiny.store.put({ file }, 'application/vnd.safetensors');
  return announcementBody({
    base: member.base.hash,
    gradients: [{ group: 0, digest: ref.digest, bytes: ref.bytes, submissions: 1 }],
    ...change,
  });
}

const say = async (uri: string, cycle: number, body: string, to: readonly string[] = honest) => {
  const message = subnet.message(uri, cycle, 'merge-announce', body);
  await subnet.get(uri).ledger.peers.record(message, message.block);
  for (const each of to) await deliver(subnet.get(each).url, message);
};

describe('validators that merge', () => {
  test('come to the same model, bit by bit, whatever each of their miners sent, and whoever else speaks', async () => {
    const cycle = await subnet.enter('Merge');
    await say('//Nan', cycle, await announce('//Nan', [0, Number.NaN, 0]));
    await say('//Huge', cycle, await announce('//Huge', [0, 1e30, 0]));
    await say('//Shape', cycle, await announce('//Shape', [0, 0]));
    // A digest that none of its files has: what it gives out under it is not there.
    const wrong = { gradients: [{ group: 0, digest: 'ab'.repeat(32), bytes: bytes(100), submissions: 1 }] };
    await say('//Wrong', cycle, await announce('//Wrong', [0, 0, 0], wrong));
    await say('//Elsewhere', cycle, await announce('//Elsewhere', [0, 0, 0], { base: '11'.repeat(24) }));
    const double = [await announce('//Double', [0, 0, 0]), await announce('//Double', [0, 0, 1])];
    await say('//Double', cycle, double[0] ?? '', ['//Ann', '//Ben']);
    await say('//Double', cycle, double[1] ?? '', ['//Cleo']);
    const late = await announce('//Late', [0.5, 0.5, 0.5]);

    // The base is [1, 2, 3]. Cleo's miners improved nothing, and she takes the step all the same.
    const handles = [
      await start('//Ann', cycle, [0, 2, 5], [0, 0, 4]),
      await start('//Ben', cycle, [1, 1, 1]),
      await start('//Cleo', cycle),
    ];
    const { announce: deadline } = mergeDeadlines(schedule, cycle);
    await subnet.heard('merge-announce', cycle, honest);
    await subnet.buildTo(deadline + 1);
    await say('//Late', cycle, late);
    const results = await finish(cycle, honest, handles);

    expect(new Set(results.map(({ model }) => model.hash)).size).toBe(1);
    expect(new Set(results.map(({ model }) => model.manifest)).size).toBe(1);
    expect(results[0]?.model.hash).not.toBe(subnet.get('//Ann').base.hash);
    expect(results.map(({ record }) => record.result)).toEqual(['merged', 'merged', 'merged']);
    for (const result of results) {
      expect(outcomesOf(result)).toEqual({
        '//Ann': 'merged',
        '//Ben': 'merged',
        '//Cleo': 'merged',
        '//Nan': 'malformed: nan',
        '//Huge': 'malformed: magnitude',
        '//Shape': 'malformed: shape',
        '//Wrong': 'unavailable',
        '//Late': 'late',
        '//Away': 'absent',
        '//Double': 'contradicts',
        '//Elsewhere': 'other_base',
      });
      expect(mergeProblem(result.record)).toBeNull();
    }
  });

  test('take no step where more than half of the stake is away, and say so', async () => {
    const cycle = await subnet.enter('Merge');
    const [only] = await finish(cycle, ['//Ann'], [await start('//Ann', cycle, [0, 2, 5])]);
    expect(only?.record.result).toBe('alone');
    expect(only?.model).toEqual(subnet.get('//Ann').base);
    expect(outcomesOf(only ?? raise())).toMatchObject({ '//Ann': 'unvouched', '//Ben': 'absent' });
  });

  test('find out whoever vouches for two different lists, and count neither', async () => {
    const cycle = await subnet.enter('Merge');
    const handles = [await start('//Ann', cycle, [0, 2, 5]), await start('//Ben', cycle, [1, 1, 1])];
    const liar = subnet.get('//Cleo');
    const own = announcementBody({ base: liar.base.hash, gradients: [] });
    await say('//Cleo', cycle, own, ['//Ann', '//Ben']);
    const seen = { hotkey: liar.signer.hotkey, announcement: bodyDigest(own), verdict: 'sound' as const };
    const vouch = (uri: string, list: readonly (typeof seen)[]) =>
      deliver(subnet.get(uri).url, subnet.message('//Cleo', cycle, 'merge-vouch', vouchBody({ seen: list })));
    await vouch('//Ann', [seen]);
    await vouch('//Ben', []);
    const results = await finish(cycle, ['//Ann', '//Ben'], handles);
    // Ann and Ben hold 20,000 of 38,000: enough without the liar.
    expect(results.map(({ record }) => record.result)).toEqual(['merged', 'merged']);
    expect(results[0]?.model).toEqual(results[1]?.model);
    for (const { record } of results) {
      const cleo = record.peers.find((peer) => peer.hotkey === liar.signer.hotkey);
      expect(cleo?.soundFor).toHaveLength(2);
    }
  });
});

const raise = (): never => {
  throw new Error('no result');
};
