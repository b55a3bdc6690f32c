import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { openCorpus } from '../../../adapters/model/corpus.ts';
import { type EvaluationJob, type Evaluator, startEvaluator } from '../../../adapters/model/evaluator.ts';
import { replaceGroup } from '../../../adapters/model/parts.ts';
import { relativeDrop } from '../../../domain/proof-of-loss.ts';
import { base, modelFolder, rewriteGroup, temporaryFolder } from './reference.ts';

const group = 2;
const rows = Array.from({ length: 8 }, (_, row) => ({ group, row: row * 5 }));
const job: EvaluationJob = { parts: base, group, rows, batchSize: 4, timeoutMs: 50_000 };

/** The number of the only child, however often it was replaced. */
const pids: number[] = [];
let evaluator: Evaluator;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const path = (name: string) => join(folder.path, name);
const lastPid = () => pids.at(-1) ?? -1;
const groupFile = () => base.groups[group] ?? '';

beforeAll(async () => {
  folder = await temporaryFolder();
  evaluator = await startEvaluator({ modelFolder, threads: 1, onChild: (pid) => pids.push(pid) });
});
afterAll(async () => {
  await evaluator.close();
  await folder[Symbol.asyncDispose]();
});

const withFile = (file: string): EvaluationJob => ({ ...job, parts: replaceGroup(base, group, file) });

describe('an evaluation', () => {
  test('gives the base that somebody submits unchanged exactly its own loss, and so no score', async () => {
    await copyFile(groupFile(), path('copy.safetensors'));
    const before = await evaluator.evaluate(job);
    const after = await evaluator.evaluate(withFile(path('copy.safetensors')));
    expect(after).toEqual(before);
    expect(relativeDrop(before.mean, after.mean)).toBe(0);
  });

  test('reads every tensor where it lies, however long the header is', async () => {
    const longer = path('longer.safetensors');
    const { readSafetensorsHeader } = await import('../../../adapters/artifacts/safetensors-header.ts');
    const { tensors } = await readSafetensorsHeader(groupFile());
    const file = await readFile(groupFile());
    const sources = Array.from(tensors, ([name, { dtype, shape, begin, end }]) => {
      return { name, dtype, shape, data: Uint8Array.from(file.subarray(begin, end)) };
    });
    await writeSafetensors(longer, sources, { note: 'x'.repeat(1000) });
    const before = await evaluator.evaluate(job);
    expect(await evaluator.evaluate(withFile(longer))).toEqual(before);
  });

  test('gives noise a higher loss than the base, and so no score', async () => {
    await rewriteGroup(groupFile(), path('noise.safetensors'), (value, index) => value + Math.sin(index * 7.7) * 0.3);
    const before = await evaluator.evaluate(job);
    const after = await evaluator.evaluate(withFile(path('noise.safetensors')));
    expect(after.mean).toBeGreaterThan(before.mean);
    expect(relativeDrop(before.mean, after.mean)).toBe(0);
  });

  test('counts rows without a finite loss and lets them spoil the mean', async () => {
    await rewriteGroup(groupFile(), path('nan.safetensors'), () => Number.NaN);
    const { nonFinite, mean } = await evaluator.evaluate(withFile(path('nan.safetensors')));
    expect(nonFinite).toBe(rows.length);
    expect(mean).toBe(Number.POSITIVE_INFINITY);
  });

  test('is the same to the last bit for a row in any company and in a process of its own', async () => {
    const { losses } = await evaluator.evaluate(job);
    const other = await startEvaluator({ modelFolder, threads: 2 });
    try {
      const [first, ...rest] = rows.map((each) => [each]);
      for (const company of [first ?? [], rest.slice(0, 3).flat(), rest.slice(3).flat()]) {
        const found = await other.evaluate({ ...job, rows: company });
        expect(found.losses).toEqual(company.map((each) => losses[rows.indexOf(each)]));
      }
    } finally {
      await other.close();
    }
  });

  test('goes on from a private copy when the file is cut short afterwards', async () => {
    const file = path('cut.safetensors');
    await copyFile(groupFile(), file);
    const first = await evaluator.evaluate(withFile(file));
    const pid = lastPid();
    await truncate(file, 1000);
    await writeFile(path('cut2.safetensors'), await readFile(file));
    expect(await evaluator.evaluate(job)).toEqual(first);
    expect(lastPid()).toBe(pid);
  });
});

describe('a file that does not fit', () => {
  const shaped = async (name: string, shape: readonly number[], tensor: string) => {
    const data = new Uint8Array(shape.reduce((product, size) => product * size, 4));
    await writeSafetensors(path(name), [{ name: tensor, dtype: 'F32', shape, data }]);
    return path(name);
  };
  const gate = `model.layers.0.mlp.experts.${2 * group}.gate_proj.weight`;

  test.each([
    ['another shape', [64, 256], gate],
    ['tensors of another group', [128, 128], 'model.layers.0.mlp.experts.0.gate_proj.weight'],
    ['too few tensors', [128, 128], gate],
  ])('because of %s is refused as the fault of its miner', async (name, shape, tensor) => {
    const file = await shaped(`${name.replaceAll(' ', '-')}.safetensors`, shape, tensor);
    await expect(evaluator.evaluate(withFile(file))).rejects.toMatchObject({
      code: 'OST_MODEL_SHAPE_MISMATCH',
      fault: 'miner',
    });
  });

  test('because it is no safetensors file is refused as the fault of its miner', async () => {
    await writeFile(path('text.safetensors'), 'a letter instead of a model');
    await expect(evaluator.evaluate(withFile(path('text.safetensors')))).rejects.toMatchObject({ fault: 'miner' });
  });

  test('is no fault of the miner where it is a part of our own', async () => {
    const file = await shaped('own.safetensors', [64, 256], 'model.layers.0.mlp.experts.0.gate_proj.weight');
    await expect(evaluator.evaluate({ ...job, parts: replaceGroup(base, 0, file) })).rejects.toMatchObject({
      code: 'OST_MODEL_GRAPH_MALFORMED',
    });
  });
});

describe('a comparison', () => {
  test('is that of the base with the candidate, and knows the base from the job before', async () => {
    await rewriteGroup(groupFile(), path('shifted.safetensors'), (value, index) => value + Math.sin(index) / 100);
    const candidate = withFile(path('shifted.safetensors'));
    const { before, after } = await evaluator.compare(candidate, base);
    expect(before).toEqual(await evaluator.evaluate(job));
    expect(after).toEqual(await evaluator.evaluate(candidate));
    expect((await evaluator.compare(candidate, base)).baseRowsComputed).toBe(0);
  });

  test('with a base that does not fit is never the miner’s fault, not even in the group that is judged', async () => {
    const file = path('broken-base.safetensors');
    await writeFile(file, 'no base at all');
    await expect(evaluator.compare(job, replaceGroup(base, group, file))).rejects.toMatchObject({ fault: 'config' });
  });
});

describe('the evaluator survives', () => {
  test('a killed process: the job fails as our fault and the next one finds a new process', async () => {
    const expected = await evaluator.evaluate(job);
    const all = Array.from({ length: 400 }, (_, row) => ({ group: 0, row }));
    const running = evaluator.evaluate({ ...job, group: 0, rows: all });
    const killed = lastPid();
    await setTimeout(30);
    process.kill(killed, 'SIGKILL');
    await expect(running).rejects.toMatchObject({ code: 'OST_MODEL_CHILD_DIED', fault: 'ours' });
    expect(await evaluator.evaluate(job)).toEqual(expected);
    expect(lastPid()).not.toBe(killed);
  });

  test('a job that overruns its time', async () => {
    const expected = await evaluator.evaluate(job);
    const all = Array.from({ length: 400 }, (_, row) => ({ group: 1, row }));
    const overrun = evaluator.evaluate({ ...job, group: 1, rows: all, timeoutMs: 5 });
    await expect(overrun).rejects.toMatchObject({ code: 'OST_MODEL_EVALUATION_TIMEOUT', params: { timeoutMs: 5 } });
    expect(await evaluator.evaluate(job)).toEqual(expected);
  });

  test('a cancelled job, whose reason the caller gets back', async () => {
    const expected = await evaluator.evaluate(job);
    const cancel = new AbortController();
    const all = Array.from({ length: 400 }, (_, row) => ({ group: 3, row }));
    const running = evaluator.evaluate({ ...job, group: 3, rows: all }, cancel.signal);
    const waiting = evaluator.evaluate(job);
    cancel.abort(new Error('the phase is over'));
    await expect(running).rejects.toThrow('the phase is over');
    expect(await waiting).toEqual(expected);
  });

  test('a model that asks for more memory than it may have', async () => {
    const all = Array.from({ length: 400 }, (_, row) => ({ group: 0, row }));
    const attempt = async (): Promise<void> => {
      const small = await startEvaluator({ modelFolder, threads: 1, memoryLimitBytes: 2 ** 20 });
      try {
        await small.evaluate({ ...job, group: 0, rows: all });
      } finally {
        await small.close();
      }
    };
    // The limit is below what the bare process needs; it is killed as soon as somebody looks, in its start or later.
    await expect(attempt()).rejects.toMatchObject({
      code: 'OST_MODEL_CHILD_DIED',
      message: expect.stringContaining('more than 1 MiB of memory'),
    });
  });

  test('and when it is closed, nothing of it is left', async () => {
    const closing = await startEvaluator({ modelFolder, threads: 1, onChild: (pid) => pids.push(pid) });
    const pid = lastPid();
    const running = closing.evaluate(job);
    const outcome = running.catch((error: unknown) => error);
    await closing.close();
    expect(await outcome).toMatchObject({ code: 'OST_MODEL_STOPPED' });
    expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
    await expect(closing.evaluate(job)).rejects.toMatchObject({ code: 'OST_MODEL_STOPPED' });
  });

  test('no parent that is killed: the child ends and takes its folder along', async () => {
    const script = `
      import { startEvaluator } from ${JSON.stringify(join(import.meta.dirname, '../../../adapters/model/evaluator.ts'))};
      const modelFolder = ${JSON.stringify(modelFolder)};
      await startEvaluator({ modelFolder, threads: 1, onChild: (pid) => process.stdout.write(String(pid)) });
      process.stdout.write(' ready');
      setInterval(() => undefined, 1000);`;
    const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: folder.path };
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], { env, stdio: 'pipe' });
    let said = '';
    for await (const chunk of parent.stdout) {
      said += String(chunk);
      if (said.endsWith(' ready')) break;
    }
    const pid = Number(said.split(' ')[0]);
    const privateFolders = async () => (await readdir(folder.path)).filter((name) => name.startsWith('ostinato-'));
    expect(await privateFolders()).toHaveLength(1);
    parent.kill('SIGKILL');
    while (existsSync(`/proc/${pid}/exe`)) await setTimeout(20);
    expect(await privateFolders()).toEqual([]);
  });

  test('no start without a model', async () => {
    await expect(startEvaluator({ modelFolder: folder.path })).rejects.toMatchObject({
      code: 'OST_MODEL_FILE_MISSING',
    });
  });
});

test('judges on the operator’s own data set where there is one', async () => {
  const file = path('own.jsonl');
  await writeFile(file, JSON.stringify({ text: 'In the beginning was the data set. '.repeat(20) }));
  const own = await startEvaluator({ modelFolder, threads: 1, evalDatasetPath: file });
  try {
    const available = (await openCorpus(modelFolder, file)).heldOutRows(group);
    const all = Array.from({ length: available }, (_, row) => ({ group, row }));
    expect(available).toBe(5);
    expect((await own.evaluate({ ...job, rows: all })).nonFinite).toBe(0);
    await expect(own.evaluate({ ...job, rows: [{ group, row: available }] })).rejects.toMatchObject({
      code: 'OST_MODEL_ROW_MISSING',
    });
  } finally {
    await own.close();
  }
});
