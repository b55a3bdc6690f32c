import { mkdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ValidatorDeps } from '../../../activities/cycle/deps.ts';
import { modelRecord } from '../../../activities/cycle/model-record.ts';
import { evaluateSubmission } from '../../../activities/submission/evaluate.ts';
import { type Evaluator, startEvaluator } from '../../../adapters/model/evaluator.ts';
import { openPublishedModels } from '../../../adapters/published-model/open.ts';
import type { ModelRecord } from '../../../domain/cycle-record.ts';
import { hotkey } from '../../../domain/units.ts';
import { base, modelFolder, rewriteGroup } from '../../adapters/model/reference.ts';
import { asActivity } from '../as-activity.ts';
import { validatorDeps } from '../validator-deps.ts';

const group = 2;
/** So many that nobody is done with them before a test has interfered. */
const many = Array.from({ length: 400 }, (_, row) => row);

const pids: number[] = [];
const baseRows: number[] = [];
let evaluator: Evaluator;
let validator: Awaited<ReturnType<typeof validatorDeps>>;
let deps: ValidatorDeps;
let model: ModelRecord;
const digests: string[] = [];
beforeAll(async () => {
  evaluator = await startEvaluator({ modelFolder, threads: 1, onChild: (pid) => pids.push(pid) });
  validator = await validatorDeps();
  const watched: Evaluator = {
    ...evaluator,
    compare: async (...asked) => {
      const compared = await evaluator.compare(...asked);
      baseRows.push(compared.baseRowsComputed);
      return compared;
    },
  };
  deps = { ...validator.deps, evaluator: watched };
  model = modelRecord(await deps.models.ensureBase(modelFolder));
  for (const shift of [1, 2, 3]) {
    const file = `${validator.folder}/shifted-${shift}`;
    await rewriteGroup(base.groups[group] ?? '', file, (value, index) => value + Math.sin(index * shift) / 1000);
    digests.push((await deps.store.put({ file }, 'application/vnd.safetensors')).digest);
  }
}, 60_000);
afterAll(async () => {
  await evaluator.close();
  await validator[Symbol.asyncDispose]();
});

const input = (at: number, rows: readonly number[]) => ({
  hotkey: hotkey(`5Miner${at}`),
  digest: digests[at] ?? '',
  group,
  model,
  batch: { group, rows, batchSize: 4 },
});
const judge = (at: number, rows: readonly number[] = [1, 2, 3, 4], changes: Partial<ValidatorDeps> = {}) =>
  asActivity(() => evaluateSubmission({ ...deps, ...changes })(input(at, rows)));

describe('the baseline', () => {
  test('is computed once for all submissions of a group in a cycle, and is the same for each', async () => {
    const rows = [10, 20, 30, 40, 50, 60];
    const outcomes = [await judge(0, rows), await judge(1, rows), await judge(2, rows)];
    expect(baseRows.slice(-3)).toEqual([6, 0, 0]);
    const losses = outcomes.map((outcome) => (outcome.kind === 'ok' ? outcome.value : null));
    expect(new Set(losses.map((each) => each?.before)).size).toBe(1);
    expect(new Set(losses.map((each) => each?.after)).size).toBe(3);
  });
});

test('without a finite baseline there is no verdict: our fault, and nobody wins by it', async () => {
  const folder = join(validator.folder, 'broken-base');
  await mkdir(folder);
  for (const file of [base.shared, ...base.groups]) await symlink(file, join(folder, basename(file)));
  const broken = join(folder, basename(base.groups[group] ?? ''));
  await rm(broken);
  await rewriteGroup(base.groups[group] ?? '', broken, () => Number.NaN);
  const models = await openPublishedModels(join(validator.folder, 'broken-model'), deps.store);
  const served = modelRecord(await models.ensureBase(folder));
  const outcome = await asActivity(() =>
    evaluateSubmission({ ...deps, models })({ ...input(0, [1, 2, 3, 4]), model: served }),
  );
  expect(outcome).toMatchObject({ kind: 'our_fault', reason: 'baseline' });
});

describe('an evaluator', () => {
  test('that is killed in the middle of a submission fails this attempt as ours, and the next one judges as ever', async () => {
    const expected = await judge(0);
    const attempt = judge(0, many);
    const killed = pids.at(-1) ?? -1;
    await setTimeout(100);
    process.kill(killed, 'SIGKILL');
    await expect(attempt).rejects.toMatchObject({ code: 'OST_MODEL_CHILD_DIED', fault: 'ours' });
    expect(await judge(0)).toEqual(expected);
    expect(pids.at(-1)).not.toBe(killed);
  });

  test('that a submission makes overrun is replaced, and the miner is not to blame', async () => {
    const expected = await judge(1);
    const slow = pids.at(-1);
    await expect(judge(1, many, { evaluationTimeoutMs: 50 })).rejects.toMatchObject({
      code: 'OST_MODEL_EVALUATION_TIMEOUT',
      fault: 'ours',
    });
    expect(await judge(1)).toEqual(expected);
    expect(pids.at(-1)).not.toBe(slow);
  });

  test('whose submission nobody waits for any more is ended at once', async () => {
    const expected = await judge(2);
    const running = pids.at(-1);
    const environment = new MockActivityEnvironment();
    const attempt = environment.run(() => evaluateSubmission(deps)(input(2, many)));
    await setTimeout(100);
    environment.cancel('CANCELLED');
    await expect(attempt).rejects.toMatchObject({ name: 'CancelledFailure' });
    expect(await judge(2)).toEqual(expected);
    expect(pids.at(-1)).not.toBe(running);
  });
});
