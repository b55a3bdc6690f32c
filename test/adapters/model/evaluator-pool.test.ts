import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EvaluationJob, Evaluator } from '../../../adapters/model/evaluator.ts';
import { startEvaluators } from '../../../adapters/model/evaluator-pool.ts';
import { base, modelFolder } from './reference.ts';

const rows = Array.from({ length: 8 }, (_, row) => ({ group: 2, row }));
const job: EvaluationJob = { parts: base, group: 2, rows, batchSize: 4, timeoutMs: 50_000 };
const long: EvaluationJob = { ...job, group: 0, rows: Array.from({ length: 400 }, (_, row) => ({ group: 0, row })) };

const pids: number[] = [];
let pool: Evaluator;
beforeAll(async () => {
  pool = await startEvaluators({ modelFolder, processes: 2, threads: 2, onChild: (pid) => pids.push(pid) });
});
afterAll(async () => {
  await pool.close();
});

describe('several evaluators', () => {
  test('are as many processes, which share the work', async () => {
    expect(pids).toHaveLength(2);
    const slow = pool.evaluate(long);
    let over = false;
    void slow.finally(() => {
      over = true;
    });
    // The second job does not wait for the first one, which has fifty times its rows.
    const quick = await pool.evaluate(job);
    expect(over).toBe(false);
    expect(quick.nonFinite).toBe(0);
    expect((await slow).nonFinite).toBe(0);
  });

  test('take a job that failed on one to another at once', async () => {
    const [expected] = await Promise.all([pool.evaluate(job), pool.evaluate(job)]);
    const cancel = new AbortController();
    const running = pool.evaluate(
      { ...long, group: 1, rows: long.rows.map((row) => ({ ...row, group: 1 })) },
      cancel.signal,
    );
    await setTimeout(50);
    cancel.abort(new Error('the phase is over'));
    await expect(running).rejects.toThrow('the phase is over');
    const before = pids.length;
    expect(await pool.evaluate(job)).toEqual(expected);
    // It ran where nothing had to be started anew.
    expect(pids).toHaveLength(before);
  });

  test('do not start at all where one cannot', async () => {
    const started: number[] = [];
    const broken = startEvaluators({
      modelFolder: '/nowhere',
      processes: 2,
      threads: 2,
      onChild: (pid) => started.push(pid),
    });
    await expect(broken).rejects.toMatchObject({ code: 'OST_MODEL_FILE_MISSING' });
    // The folder is looked at before any process begins.
    expect(started).toEqual([]);
  });
});
