import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { SignMessageInput } from '../../activities/signer/activities.ts';
import { schedules } from '../../domain/phases.ts';
import { netuid } from '../../domain/units.ts';
import { cycleId, mergeId, submissionId } from '../../temporal/ids.ts';
import type { CycleWorkflow } from '../../workflows/cycle.ts';
import { testTemporal } from '../setup/temporal.ts';
import { called, untilCancelled } from './fakes/chain.ts';
import {
  base,
  miner,
  type ValidatorFakes,
  type ValidatorScenario,
  validatorActivityNames,
  validatorScenario,
} from './fakes/validator.ts';
import { fakeWorld } from './fakes/world.ts';
import { signature } from './fakes/writes.ts';

const temporal = await testTemporal();
const world = fakeWorld<ValidatorFakes>(temporal, 'validator', validatorActivityNames);
const three = [miner(1), miner(2), miner(3)];
// Blocks of the demo's first cycle: Submission 36–43, Validate 44–53, Merge 54–61, ValidatorCommit2 66–69.
const mergeBegins = 54;
const cycleEnds = 69;

async function start(scenario: ValidatorScenario, cyclesLeft = 1) {
  const seen = validatorScenario(scenario);
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft }],
  });
  const child = (number: number, cycle = 0) =>
    temporal.client.workflow.getHandle(submissionId(label, 1, world.hotkey, cycle, miner(number).hotkey));
  const merge = () => temporal.client.workflow.getHandle(mergeId(label, 1, world.hotkey, 0));
  return { ...seen, handle, child, merge };
}

/** Runs a whole cycle: the chain stands still in Submission until every miner is judged. */
async function run(scenario: ValidatorScenario) {
  const running = await start(scenario);
  const judged = Promise.all((scenario.miners ?? []).map(({ uid }) => finished(running.child(uid))));
  if ((scenario.miners ?? []).length > 0) await judged;
  running.chain.allow(cycleEnds);
  const summary = await running.handle.result();
  return { ...running, summary, record: running.records.at(-1) };
}

/** The result of a child that may not have been started yet. */
async function finished(handle: ReturnType<Awaited<ReturnType<typeof start>>['child']>): Promise<unknown> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
      await sleep(50);
    }
  }
}

const outcomes = (
  record: { readonly submissions: readonly { readonly outcome: string; readonly reason: string | null }[] } | undefined,
) => record?.submissions.map(({ outcome, reason }) => [outcome, reason]);
const calls = (asked: readonly { readonly call: { readonly kind: string } }[]) => asked.map(({ call }) => call.kind);

describe('a cycle', () => {
  test.concurrent('commits, judges, merges, weighs and closes its books', async () => {
    const { summary, record, records, merges, published, asked } = await run({
      miners: three,
      losses: { 1: 3, 2: 3.5, 3: 4 },
    });
    expect(summary).toEqual({
      cycle: 0,
      result: 'completed',
      submissions: 3,
      improved: 2,
      modelHash: 'ff'.repeat(24),
      merkleRoot: 'root-0',
    });
    expect(records).toHaveLength(1);
    expect(record).toMatchObject({
      cycle: 0,
      startBlock: 0,
      endBlock: 69,
      schedule: schedules.demo,
      result: 'completed',
      seed: { validators: [{ hotkey: world.hotkey, seed: 4711 }] },
      modelBefore: base,
      modelAfter: { version: 28, manifest: 'merged' },
      heldOut: { before: 4, after: 3.5 },
      notes: [],
      weightsKey: 'weights/1/0/0',
    });
    expect(record?.submissions.map(({ w }) => w)).toEqual([0.25, 0.125, 0]);
    expect(record?.scores.map(({ hotkey, after }) => [hotkey, after])).toEqual([
      ['5Miner1', 0.25],
      ['5Miner2', 0.125],
      ['5Miner3', 0],
    ]);
    expect(record?.vector).toEqual([
      { hotkey: '5Miner1', weight: 65535 },
      { hotkey: '5Miner2', weight: 32768 },
    ]);
    // Who improved nothing has no part in the model.
    expect(merges.map(({ accepted, version }) => [accepted.map(({ hotkey }) => hotkey), version])).toEqual([
      [['5Miner1', '5Miner2'], 28],
    ]);
    expect(published).toEqual([record?.modelAfter]);
    expect(calls(asked)).toEqual(['set_commitment', 'set_weights', 'set_commitment', 'set_commitment']);
    expect(asked.flatMap(({ call }) => (call.kind === 'set_commitment' ? [JSON.parse(call.text)] : []))).toEqual([
      { h: base.hash, v: 0, e: 0, s: 4711 },
      { m: 'A'.repeat(86) },
      { h: 'ff'.repeat(24), v: 28, e: 0 },
    ]);
  });

  test.concurrent('without submissions leaves the model, sets no weights and says so', async () => {
    const { summary, record, asked, merges } = await run({});
    expect(summary).toMatchObject({ result: 'no_submissions', submissions: 0, modelHash: base.hash });
    expect(record).toMatchObject({ modelAfter: base, heldOut: null, vector: [], weightsKey: null });
    expect(merges).toEqual([]);
    expect(calls(asked)).toEqual(['set_commitment', 'set_commitment', 'set_commitment']);
  });

  test.concurrent('in which nobody improved leaves the model, and asks for no weights where no score is positive', async () => {
    const { record, asked, published } = await run({ miners: three, losses: { 1: 4, 2: 4.5, 3: 9 } });
    expect(record).toMatchObject({ result: 'no_improvement', modelAfter: base, vector: [], weightsKey: null });
    expect(record?.scores.map(({ observation }) => observation)).toEqual([0, 0, 0]);
    expect(calls(asked)).not.toContain('set_weights');
    expect(published).toEqual([]);
  });

  test.concurrent('in which nobody improved still sets weights where an earlier score is positive', async () => {
    const previous = [{ hotkey: miner(2).hotkey, uid: miner(2).uid, score: 0.5 }];
    const scoreState = async () => ({ previous, past: [] });
    const { record, asked } = await run({
      miners: three,
      losses: { 1: 4, 2: 4, 3: 4 },
      activities: { scoreState },
    });
    expect(record).toMatchObject({ result: 'no_improvement', vector: [{ hotkey: '5Miner2', weight: 65535 }] });
    expect(calls(asked)).toContain('set_weights');
  });

  test.concurrent('abstains where most submissions fail alike by our fault: no score moves, no weights are set', async () => {
    const broken = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('out of memory', 'OST_MODEL_CHILD_DIED');
    };
    const { record, asked } = await run({ miners: three, activities: { evaluateSubmission: broken } });
    expect(record).toMatchObject({ result: 'abstained', modelAfter: base, scores: [], vector: [], weightsKey: null });
    expect(outcomes(record)).toEqual(three.map(() => ['our_fault', 'evaluator']));
    expect(record?.notes).toEqual([{ phase: 'Validate', note: 'abstained: 3 of 3 failed alike (evaluator)' }]);
    expect(calls(asked)).not.toContain('set_weights');
  });

  test.concurrent('counts the earliest commitment of equal tensors, and names the copy', async () => {
    const copy = miner(2, { modelHash: miner(1).modelHash });
    const { record } = await run({ miners: [miner(1), copy] });
    expect(outcomes(record)).toEqual([
      ['ok', null],
      ['miner_fault', 'copy'],
    ]);
    expect(record?.vector).toEqual([{ hotkey: '5Miner1', weight: 65535 }]);
  });

  test.concurrent('gives no verdict on anybody where no node knows the commitments any more, and carries the weights on', async () => {
    const [one, two] = [miner(1), miner(2)];
    const { record, asked, merges } = await run({
      allowed: cycleEnds,
      activities: {
        freezeRoster: async () => ({ kind: 'unknown', reason: 'state_pruned', detail: 'gone', seats: [one, two] }),
        scoreState: async () => ({ previous: [{ hotkey: one.hotkey, uid: one.uid, score: 0.5 }], past: [] }),
        readWeightsFacts: async (input) => ({
          ...(await validatorScenario().fakes.readWeightsFacts(input)),
          seats: [one, two],
        }),
      },
    });
    expect(record).toMatchObject({
      result: 'abstained',
      seed: null,
      submissions: [],
      scores: [{ hotkey: one.hotkey, before: 0.5, observation: null, after: 0.5 }],
      vector: [{ hotkey: one.hotkey, weight: 65_535 }],
      modelAfter: base,
      notes: [{ phase: 'MinerCommit2', note: 'unknown (state_pruned): gone' }],
    });
    expect(merges).toEqual([]);
    expect(calls(asked)).toContain('set_weights');
  });

  test.concurrent('notes a commitment that came too late, and goes on', async () => {
    const { record } = await run({
      verdict: ({ call, deadline }) => (call.kind === 'set_commitment' && deadline === 32 ? 'late' : 'already'),
    });
    expect(record?.notes).toEqual([{ phase: 'MinerCommit1', note: 'commitment deadline' }]);
  });
});

describe('the root of a finished cycle', () => {
  test.concurrent('is signed and kept, so that miners can be shown their verdicts', async () => {
    const { roots, signed, summary } = await run({});
    const about = { purpose: 'cycle-root', cycle: 0, from: '5Validator', to: '*' };
    expect(roots).toEqual([expect.objectContaining({ ...about, body: `{"root":"${summary.merkleRoot}"}`, signature })]);
    expect(signed.at(-1)).toMatchObject({ purpose: 'peer', statement: about });
  });

  test.concurrent('that nobody signs holds up nothing', async () => {
    const signMessage = async ({ purpose }: SignMessageInput) => {
      if (purpose === 'peer') throw ApplicationFailure.nonRetryable('no key', 'OST_SIGN_REFUSED');
      return { signature };
    };
    const { roots, summary } = await run({ activities: { signMessage } });
    expect(summary.result).toBe('no_submissions');
    expect(roots).toEqual([]);
  });
});

describe('a step that fails for good', () => {
  test.concurrent('loses this cycle and nothing else: scores and model stay, the record says why', async () => {
    const mergeGradients = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('the store is gone', 'OST_ARTIFACT_MISSING');
    };
    const { summary, record } = await run({ miners: three, activities: { mergeGradients } });
    expect(summary.result).toBe('missed');
    expect(record).toMatchObject({ result: 'missed', modelAfter: base, scores: [], vector: [], weightsKey: null });
    expect(record?.notes).toEqual([
      { phase: 'Merge', note: 'failed: mergeGradients: OST_ARTIFACT_MISSING: the store is gone' },
    ]);
  });

  test.concurrent.each([
    ['cancels', (merge: WorkflowHandle) => merge.cancel()],
    ['terminates', (merge: WorkflowHandle) => merge.terminate('by the test')],
  ])('costs one cycle, and the cycles go on, where somebody %s the merge', async (_, end) => {
    const adding = called(() => untilCancelled());
    const running = await start({ miners: [miner(1)], activities: { accumulateGradients: adding.run } });
    await finished(running.child(1));
    running.chain.allow(cycleEnds);
    await adding.promise;
    await end(running.merge());
    expect((await running.handle.result()).result).toBe('missed');
    const [record] = running.records;
    expect(record).toMatchObject({ modelAfter: base, scores: [], vector: [], weightsKey: null });
    expect(record?.notes).toEqual([{ phase: 'Merge', note: expect.stringMatching(/^failed: MergeWorkflow: \w/) }]);
  });
});

describe('the beginning of Merge', () => {
  test.concurrent('ends what is still being judged: our fault, while what is judged stands', async () => {
    const { fakes } = validatorScenario();
    const slow: ValidatorFakes['evaluateSubmission'] = (input) =>
      input.hotkey === '5Miner2' ? untilCancelled() : fakes.evaluateSubmission(input);
    const running = await start({ miners: [miner(1), miner(2)], activities: { evaluateSubmission: slow } });
    await finished(running.child(1));
    running.chain.allow(mergeBegins);
    expect(await running.child(2).result()).toMatchObject({ outcome: 'our_fault', reason: 'deadline' });
    running.chain.allow(cycleEnds);
    await running.handle.result();
    const [record] = running.records;
    expect(outcomes(record)).toEqual([
      ['ok', null],
      ['our_fault', 'deadline'],
    ]);
    expect(record).toMatchObject({ result: 'completed', vector: [{ hotkey: '5Miner1', weight: 65535 }] });
    expect(record?.scores.map(({ hotkey }) => hotkey)).toEqual(['5Miner1']);
  });

  test.concurrent('finds one whose workflow somebody ended by force: our fault', async () => {
    const { fakes } = validatorScenario();
    const slow: ValidatorFakes['evaluateSubmission'] = (input) =>
      input.hotkey === '5Miner2' ? untilCancelled() : fakes.evaluateSubmission(input);
    const running = await start({ miners: [miner(1), miner(2)], activities: { evaluateSubmission: slow } });
    await finished(running.child(1));
    await running.child(2).terminate('by the test');
    running.chain.allow(cycleEnds);
    await running.handle.result();
    expect(outcomes(running.records[0])).toEqual([
      ['ok', null],
      ['our_fault', 'workflow_failed'],
    ]);
  });
});

describe('a validator that comes late', () => {
  test.concurrent('within the cycle judges what there is and notes each phase that it missed', async () => {
    const { record, asked } = await run({ miners: [miner(1)], head: 45, allowed: 45 });
    expect(record?.notes.map(({ phase }) => phase)).toEqual([
      'Distribute',
      'Train',
      'MinerCommit1',
      'MinerCommit2',
      'Submission',
    ]);
    expect(record).toMatchObject({ cycle: 0, result: 'completed' });
    // No seed any more, for the miners have shown their hashes; its own model as ever.
    // Weights and model do not wait for each other.
    expect(calls(asked).toSorted()).toEqual(['set_commitment', 'set_commitment', 'set_weights']);
  });

  test.concurrent('by cycles records each of them as missed, and works on the one at hand', async () => {
    const { records } = await (async () => {
      const running = await start({ head: 150, allowed: 209, first: 0 });
      await running.handle.result();
      return running;
    })();
    expect(records.map(({ cycle, result, startBlock }) => [cycle, result, startBlock])).toEqual([
      [0, 'missed', 0],
      [1, 'missed', 70],
      [2, 'no_submissions', 140],
    ]);
    for (const { scores, vector, modelAfter } of records.slice(0, 2)) {
      expect({ scores, vector, modelAfter }).toEqual({ scores: [], vector: [], modelAfter: base });
    }
    expect(records[0]?.notes).toEqual([
      { phase: 'Distribute', note: 'missed: no validator was at work; found at block 150' },
    ]);
  });
});

test.concurrent('one cycle is one run; the next run is told which cycle is next', async () => {
  const running = await start({ miners: [miner(1)] }, 2);
  await finished(running.child(1));
  running.chain.allow(139);
  expect(await running.handle.result()).toMatchObject({ cycle: 1, result: 'no_submissions' });
  expect(running.nexts).toEqual([null, 1]);
  expect(running.records.map(({ cycle }) => cycle)).toEqual([0, 1]);
  expect(new Set(running.records.map(({ runId }) => runId)).size).toBe(2);
  expect(running.records[1]?.modelBefore).toEqual(running.records[0]?.modelAfter);
});
