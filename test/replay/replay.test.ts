import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { reasonTexts } from '../../domain/explain/judging.ts';
import { testVariable } from '../setup/environment.ts';
import { quietRuntime } from '../setup/quiet-runtime.ts';
import { ends, isWorkflowType, submissionReasons } from './ends.ts';
import { recordedHistories } from './histories.ts';
import { demoScenarios } from './recorder.ts';
import { swappedBundle } from './swapped.ts';

quietRuntime();
const folder = await mkdtemp(join(tmpdir(), 'ostinato-replay-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const histories = recordedHistories();
const named = (...names: readonly string[]) => histories.filter(({ name }) => names.includes(name));

/** Replays histories on a bundle; what is wrong with each, by its name. */
async function replay(codePath: string, chosen = histories): Promise<Readonly<Record<string, unknown>>> {
  const byId = new Map(chosen.map((history, index) => [`${index}`, history]));
  const options = { workflowBundle: { codePath }, maxCachedWorkflows: 2 };
  const inputs = [...byId].map(([workflowId, { events }]) => ({ workflowId, history: { events } }));
  const problems: Record<string, unknown> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories(options, inputs)) {
    problems[byId.get(workflowId)?.name ?? workflowId] = error ?? null;
  }
  return problems;
}

/** A submission's own workflow never gives these; the last one is of earlier versions. */
const givenByCycles = new Set(['copy', 'workflow_failed', 'assigned_elsewhere']);

describe('recorded histories', () => {
  test.each(Object.keys(ends).filter(isWorkflowType))('of a %s show every way to end, and no other', (type) => {
    const shown = histories.filter((history) => history.type === type).flatMap((history) => history.ends);
    expect([...new Set(shown)].toSorted()).toEqual(ends[type].toSorted());
  });

  test('show a submission that ends for each reason that is explained to a miner', () => {
    expect(
      Object.keys(reasonTexts)
        .filter((reason) => !givenByCycles.has(reason))
        .toSorted(),
    ).toEqual(Object.keys(submissionReasons).toSorted());
  });

  test('of the demo show what they were recorded for', () => {
    const missing = demoScenarios.filter(
      ({ name, end }) => !named(name).some((history) => end === undefined || history.ends.includes(end)),
    );
    expect(missing).toEqual([]);
  });

  test('are replayed by the workflows as they are now', async () => {
    const problems = await replay(testVariable('bundle'));
    expect(problems).toEqual(Object.fromEntries(histories.map(({ name }) => [name, null])));
  }, 240_000);

  // A reader of the Temporal UI goes through them by hand, and a restarted worker by itself.
  test.each([
    ['CycleWorkflow', 600],
    ['SubmissionWorkflow', 100],
    ['CohortWorkflow', 60],
    ['MergeWorkflow', 200],
    ['MinerWorkflow', 300],
    ['ChainWriterWorkflow', 600],
  ])('of a %s keep below %i events', (type, budget) => {
    const lengths = histories.filter((history) => history.type === type).map(({ events }) => events.length);
    expect(lengths.length).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThan(budget);
  });

  test('tell nothing of where they were recorded', () => {
    const text = JSON.stringify(histories);
    expect(text).not.toMatch(/"identity"|"stackTrace"/);
    const payloads = text.match(/"data":"[A-Za-z0-9+/=]+"/g) ?? [];
    const told = payloads.map((each) => Buffer.from(each.slice('"data":"'.length, -1), 'base64').toString('utf8'));
    expect(told.filter((payload) => /\/(?:tmp|home|work|root)\//.test(payload))).toEqual([]);
  });
});

test('a change that open workflows do not survive is caught: two activities in each other’s place', async () => {
  const path = join(folder, 'swapped.cjs');
  const swaps = [
    ['workflows/cycle/merge.ts', 'evaluateModel', 'publishModel'],
    ['workflows/submission.ts', 'verifySubmission', 'evaluateSubmission'],
  ] as const;
  await writeFile(path, await swappedBundle(swaps));
  // Neither of the two happens in a submission that fails before.
  const [merged, judged, untouched] = [
    'CycleWorkflow/completed',
    'SubmissionWorkflow/ok',
    'SubmissionWorkflow/miner_fault',
  ];
  const problems = await replay(path, named(merged, judged, untouched));
  expect(problems).toEqual({
    [merged]: expect.any(DeterminismViolationError),
    [judged]: expect.any(DeterminismViolationError),
    [untouched]: null,
  });
}, 120_000);
