import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import {
  type CheckpointProgress,
  type TrainingJob,
  type TrainingProgress,
  train,
} from '../../../adapters/model/trainer.ts';
import { commandEnvironment, type TrainingCommand } from '../../../adapters/training-command/command-job.ts';
import { trainByCommand } from '../../../adapters/training-command/train-by-command.ts';
import { base, modelFolder, rewriteGroup, shortPolicy, temporaryFolder } from '../model/reference.ts';

const group = 3;
const baseFile = base.groups[group] ?? '';
const script = join(import.meta.dirname, 'trainer.py');
const never = new AbortController().signal;

const jobIn = (folder: string, changes: Partial<TrainingJob> = {}): TrainingJob => ({
  modelFolder,
  parts: base,
  group,
  datasetPath: null,
  folder,
  seed: 'a command',
  policy: shortPolicy,
  resume: true,
  finalFile: null,
  ...changes,
});

const command = (...words: readonly string[]): TrainingCommand => ({
  argv: ['python3', script, ...words],
  precision: 'bf16-mixed',
  silenceMs: 60_000,
  checkpointsKept: 1,
  env: commandEnvironment(process.env),
});

interface Watched {
  readonly steps: TrainingProgress[];
  readonly checkpoints: CheckpointProgress[];
  readonly pids: Map<string, number>;
}

interface Signals {
  readonly signal?: AbortSignal;
  readonly leave?: AbortSignal;
  readonly onStep?: (progress: TrainingProgress) => void;
  readonly onCheckpoint?: (progress: CheckpointProgress) => void;
}

async function run(job: TrainingJob, what: TrainingCommand, { signal = never, leave = never, ...on }: Signals = {}) {
  const watched: Watched = { steps: [], checkpoints: [], pids: new Map() };
  const callbacks = {
    onProgress: (progress: TrainingProgress) => {
      watched.steps.push(progress);
      on.onStep?.(progress);
    },
    onCheckpoint: (progress: CheckpointProgress) => {
      watched.checkpoints.push(progress);
      on.onCheckpoint?.(progress);
    },
    onChild: (pid: number, role: string) => watched.pids.set(role, pid),
  };
  return { ...watched, result: await trainByCommand(job, what, callbacks, signal, leave) };
}

const digest = async (file: string) => (await hashTensors(file)).hash;
const files = { trained: '', worse: '', other: '' };
const made = temporaryFolder();

beforeAll(async () => {
  const { path } = await made;
  const job = { ...jobIn(join(path, 'training')), policy: { ...shortPolicy, batchSize: 8, learningRate: 0.001 } };
  files.trained = (await train(job, () => undefined, never)).file;
  files.worse = join(path, 'worse.safetensors');
  await rewriteGroup(baseFile, files.worse, (value, index) => value + (index % 7 === 0 ? 0.3 : 0));
  files.other = base.groups[0] ?? '';
});
afterAll(async () => (await made)[Symbol.asyncDispose]());

describe('a training command', () => {
  test('is taken at its best checkpoint by the miner’s own evaluation, not at its newest', async () => {
    await using folder = await temporaryFolder();
    const words = ['train', files.worse, files.trained, files.worse, baseFile];
    const { result, steps, checkpoints } = await run(jobIn(folder.path), command(...words));
    expect(result).toMatchObject({ steps: 4, bestStep: 2, lossFirst: 3, lossLast: 0, problem: null });
    expect(await digest(result.file)).toBe(await digest(files.trained));
    expect(result.validationAfter).toBeLessThan(result.validationBefore);
    expect(steps.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 3],
      [2, 2],
      [3, 1],
      [4, 0],
    ]);
    expect(steps[0]).toMatchObject({ learningRate: 0.01, gradNorm: 1.5, gradSum: 120.4, tokens: 512 });
    expect(checkpoints.map(({ bestStep }) => bestStep)).toEqual([0, 2, 2, 2]);
    // The newest one and the best one stay; the command's own files are its own business.
    expect((await readdir(join(folder.path, 'accepted'))).toSorted()).toEqual([
      'step-2.safetensors',
      'step-4.safetensors',
    ]);
  });

  test('that evaluates by itself is taken at its word', async () => {
    await using folder = await temporaryFolder();
    const { result, pids } = await run(jobIn(folder.path), command('reported', files.trained));
    expect(result).toMatchObject({ bestStep: 2, validationAfter: 2 });
    expect([...pids.keys()]).toEqual(['training command']);
  });

  test('gets its inputs by environment and file, and nothing of ours', async () => {
    await using folder = await temporaryFolder();
    const seen = join(folder.path, 'seen.json');
    const env = commandEnvironment({
      ...process.env,
      BZ_AUTH_TOKEN: 'a',
      OSTINATO_WALLET_PASSWORD: 'b',
      HF_TOKEN: 'c',
    });
    const job = jobIn(folder.path, { datasetPath: '/data/train.jsonl' });
    await expect(run(job, { ...command('environment', seen), env })).rejects.toMatchObject({
      code: 'OST_TRAINER_COMMAND_NOTHING',
    });
    const { env: given, job: told } = JSON.parse(await readFile(seen, 'utf8'));
    expect(given).toMatchObject({
      HF_TOKEN: 'c',
      OSTINATO_BASE: baseFile,
      OSTINATO_GROUP: '3',
      OSTINATO_PRECISION: 'bf16-mixed',
    });
    expect(given).not.toHaveProperty('BZ_AUTH_TOKEN');
    expect(given).not.toHaveProperty('OSTINATO_WALLET_PASSWORD');
    expect(told).toMatchObject({
      format: 1,
      group: 3,
      base: baseFile,
      dataset: '/data/train.jsonl',
      checkpoint_folder: join(folder.path, 'checkpoints'),
      resume: null,
      precision: 'bf16-mixed',
      steps: 12,
      batch_size: shortPolicy.batchSize,
      loss_scale: 65_536,
    });
  });

  test('that is told to stop may write one more checkpoint, and end as it likes', async () => {
    await using folder = await temporaryFolder();
    const stop = new AbortController();
    const what = command('until-told', files.worse, files.trained);
    const { result } = await run(jobIn(folder.path), what, { signal: stop.signal, onCheckpoint: () => stop.abort() });
    expect(result).toMatchObject({ bestStep: 2, steps: 2 });
  });

  test('that is left behind goes on from its last checkpoint, which also lies where people look', async () => {
    await using folder = await temporaryFolder();
    const finalFile = join(folder.path, 'mycelia_final.safetensors');
    const job = jobIn(join(folder.path, 'job'), { finalFile });
    const leave = new AbortController();
    const attempt = run(job, command('until-told', files.worse, files.trained), {
      leave: leave.signal,
      onCheckpoint: () => leave.abort(new Error('gone on elsewhere')),
    });
    await expect(attempt).rejects.toThrow('gone on elsewhere');
    expect(await digest(finalFile)).toBe(await digest(files.trained));
    const { steps, result } = await run(job, command('train', baseFile, baseFile, files.worse));
    expect(steps.map(({ step }) => step)).toEqual([3]);
    expect(result.bestStep).toBe(2);
  });

  test('whose phase was over before it began gives what an earlier attempt had', async () => {
    await using folder = await temporaryFolder();
    const job = jobIn(folder.path);
    await run(job, command('train', files.trained));
    const { result, pids } = await run(job, command('exit'), { signal: AbortSignal.abort() });
    expect(result.bestStep).toBe(1);
    expect(pids.size).toBe(0);
  });
});

describe('a training command that fails', () => {
  const silent = { ...command('silent'), silenceMs: 300 };
  const line = (text: string) => command('print', text);
  test.each<[string, string, () => TrainingCommand, object]>([
    ['is not there', 'OST_TRAINER_COMMAND_NOT_STARTED', () => ({ ...command(), argv: ['/no/such/trainer'] }), {}],
    ['ends with a code', 'OST_TRAINER_COMMAND_EXITED', () => command('exit'), { code: 7, words: 'CUDA out of memory' }],
    ['is killed', 'OST_TRAINER_COMMAND_KILLED', () => command('killed'), { signal: 'SIGKILL' }],
    ['says nothing', 'OST_TRAINER_COMMAND_SILENT', () => silent, { seconds: 0.3 }],
    ['has no numbers any more', 'OST_MODEL_TRAINING_DIVERGED', () => command('nan'), { count: 50 }],
    [
      'ends half a line',
      'OST_TRAINER_COMMAND_LINE',
      () => line('{"event":"step"'),
      { line: 1, problem: 'it is no JSON' },
    ],
    ['speaks of unknown things', 'OST_TRAINER_COMMAND_LINE', () => line('{"event":"party"}'), { line: 1 }],
    ['counts backwards', 'OST_TRAINER_COMMAND_LINE', () => line('{"event":"step","step":-1,"loss":1}'), {}],
    ['never ends its line', 'OST_TRAINER_COMMAND_LINE', () => command('endless'), { problem: 'it is too long' }],
    [
      'names a file elsewhere',
      'OST_TRAINER_COMMAND_PATH',
      () => command('path', '../job.json'),
      { path: '../job.json' },
    ],
    ['names an absolute path', 'OST_TRAINER_COMMAND_PATH', () => command('path', '/etc/passwd'), {}],
    ['names no file', 'OST_TRAINER_COMMAND_PATH', () => command('path', 'nothing'), {}],
    ['links to a file elsewhere', 'OST_TRAINER_COMMAND_PATH', () => command('link', baseFile), { path: 'link' }],
    ['has another group’s tensors', 'OST_TRAINER_COMMAND_CHECKPOINT', () => command('file', files.other), { group }],
    ['has no safetensors', 'OST_TRAINER_COMMAND_CHECKPOINT', () => command('file', script), { group }],
  ])('because it %s says so with %s', async (_, code, what, params) => {
    await using folder = await temporaryFolder();
    await expect(run(jobIn(folder.path), what())).rejects.toMatchObject({ code, params });
  });

  test('because a weight is not finite says in which tensor', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'nan.safetensors');
    await rewriteGroup(baseFile, file, (value, index) => (index === 5 ? Number.NaN : value));
    await expect(run(jobIn(join(folder.path, 'job')), command('file', file))).rejects.toMatchObject({
      code: 'OST_TRAINER_COMMAND_CHECKPOINT',
      params: { problem: expect.stringContaining('not finite') },
    });
  });

  test('for good after a checkpoint that is worth something is at its end there, and the problem is told', async () => {
    await using folder = await temporaryFolder();
    const { result } = await run(jobIn(folder.path), command('then-wrong', files.trained));
    expect(result).toMatchObject({ bestStep: 1, problem: expect.stringContaining('OST_TRAINER_COMMAND_PATH') });
    expect(await digest(result.file)).toBe(await digest(files.trained));
  });

  test('begins anew where its state is damaged', async () => {
    await using folder = await temporaryFolder();
    const job = jobIn(folder.path);
    await run(job, command('train', files.worse));
    await writeFile(join(folder.path, 'command_state.json'), '{"job":');
    expect((await run(job, command('train', files.worse))).steps.map(({ step }) => step)).toEqual([1]);
  });
});

describe('what a training command leaves running', () => {
  const alive = (pid: number): boolean => {
    try {
      // A process that ended and that nobody took notice of is a zombie, and not alive.
      return process.kill(pid, 0) && !/^State:\s+Z/m.test(String(spawnSync('cat', [`/proc/${pid}/status`]).stdout));
    } catch {
      return false;
    }
  };
  const gone = async (pids: readonly number[]) => {
    while (pids.some(alive)) await delay(50);
  };

  test('ends with it, though it hears no SIGTERM', async () => {
    await using folder = await temporaryFolder();
    const noted = join(folder.path, 'pids');
    const leave = new AbortController();
    const attempt = run(jobIn(join(folder.path, 'job')), command('deaf', noted), {
      leave: leave.signal,
      onStep: () => leave.abort(new Error('gone')),
    });
    await expect(attempt).rejects.toThrow('gone');
    await gone((await readFile(noted, 'utf8')).split(' ').map(Number));
  });

  test('ends where its miner is killed', async () => {
    await using folder = await temporaryFolder();
    const noted = join(folder.path, 'pids');
    const miner = join(import.meta.dirname, 'miner-process.ts');
    const args = [
      '--disable-warning=ExperimentalWarning',
      miner,
      join(folder.path, 'job'),
      'python3',
      script,
      'deaf',
      noted,
    ];
    // It kills itself upon the first step: nothing of it is left that could end anything.
    expect(spawnSync(process.execPath, args, { env: { PATH: process.env['PATH'] } }).signal).toBe('SIGKILL');
    expect(existsSync(noted)).toBe(true);
    await gone((await readFile(noted, 'utf8')).split(' ').map(Number));
  });
});
