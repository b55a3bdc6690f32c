import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { ok } from '../../domain/outcome.ts';
import { netuid } from '../../domain/units.ts';
import { cohortId, cycleId, submissionId } from '../../temporal/ids.ts';
import { testTemporal } from '../setup/temporal.ts';
import { untilCancelled } from './fakes/chain.ts';
import { judged } from './fakes/judged.ts';
import {
  miner,
  type ValidatorFakes,
  type ValidatorScenario,
  validatorActivityNames,
  validatorScenario,
} from './fakes/validator.ts';
import { fakeWorld } from './fakes/world.ts';

const temporal = await testTemporal();
const world = fakeWorld<ValidatorFakes>(temporal, 'validator', validatorActivityNames);

async function play(scenario: ValidatorScenario) {
  const seen = validatorScenario(scenario);
  const label = world.enter(seen.fakes);
  const handle: WorkflowHandle = await temporal.client.workflow.start('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  return { ...seen, label, handle };
}

const miners = (count: number) => Array.from({ length: count }, (_, number) => miner(number));

/** The numbers of the cohorts of 32 that so many submissions make. */
const cohorts = (count: number) => Array.from({ length: Math.ceil(count / 32) }, (_, at) => at);

describe('a cycle with a miner on each of 256 seats', () => {
  let history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

  beforeAll(async () => {
    // Of the size that a verification's sketch has.
    const verified = async () => ok({ sketch: 'A'.repeat(171) });
    const { handle, chain, records, label } = await play({
      miners: miners(256),
      activities: { verifySubmission: verified },
    });
    // Merge waits for them here, as it does not elsewhere: a slow machine judges fewer until it begins.
    for (const at of cohorts(256)) await judged(temporal.client, cohortId(label, 1, world.hotkey, 0, `own-${at}`));
    chain.allow(69);
    await handle.result();
    expect(records.at(-1)).toMatchObject({ result: 'completed', submissions: { length: 256 } });
    history = await handle.fetchHistory();
  }, 240_000);

  test('stays below 2,000 events and 1 MB of history', () => {
    expect(history.events?.length).toBeLessThan(2_000);
    expect(proto.temporal.api.history.v1.History.encode(history).finish().length).toBeLessThan(1_000_000);
  });

  test('is replayed from its history alone', async () => {
    await Worker.runReplayHistory({ workflowBundle: { codePath: temporal.bundlePath } }, history);
  }, 60_000);
});

test('of a cohort that Merge cuts off, what is judged counts, and the rest is ours', async () => {
  const verdict = ok({ before: 4, after: 3 });
  const { handle, chain, records, label } = await play({
    miners: miners(33),
    activities: {
      evaluateSubmission: ({ hotkey }) => (hotkey === '5Miner7' ? untilCancelled() : Promise.resolve(verdict)),
    },
  });
  const cohort = temporal.client.workflow.getHandle(cohortId(label, 1, world.hotkey, 0, 'own-0'));
  await judged(temporal.client, cohortId(label, 1, world.hotkey, 0, 'own-1'));
  // All of the first cohort but one.
  for (const { hotkey } of miners(32).filter((_, number) => number !== 7)) {
    await judged(temporal.client, submissionId(label, 1, world.hotkey, 0, hotkey));
  }
  chain.allow(69);
  await handle.result();
  await expect(cohort.result()).resolves.toHaveLength(32);
  const submissions = records.at(-1)?.submissions ?? [];
  expect(submissions.map(({ hotkey }) => hotkey)).toEqual(miners(33).map(({ hotkey }) => hotkey));
  expect(submissions.filter(({ outcome }) => outcome === 'ok')).toHaveLength(32);
  expect(submissions[7]).toMatchObject({ outcome: 'our_fault', reason: 'deadline' });
}, 120_000);
