import { execFileSync } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { minerMetrics } from '../../../adapters/metrics/miner-metrics.ts';
import type { MetricSink } from '../../../adapters/metrics/sink.ts';
import { wandbSink } from '../../../adapters/metrics/wandb.ts';
import { temporaryFolders } from '../../setup/processes.ts';
import { writeProgram } from '../../setup/programs.ts';
import { testIf } from '../../setup/test-if.ts';
import { progress } from './progress.ts';
import { wandbPython } from './python/environment.mjs';

const folder = temporaryFolders();
const python = wandbPython();

const open = (at: string, program: string, onProblem: (problem: string) => void = () => undefined): MetricSink =>
  wandbSink({
    python: program,
    project: 'a-project',
    id: 'a-run',
    name: 'a run',
    folder: at,
    config: { batch_size: 8 },
    environment: { ...process.env, WANDB_MODE: 'offline', BZ_AUTH_TOKEN: 'geheim' },
    onProblem,
    restartMs: 20,
  });

const needed = 'needs wandb 0.31.0, which test/adapters/metrics/python/prepare.mjs brings from PyPI';

testIf(python !== null, needed)('Weights & Biases has the run, step by step, with its verdict', async () => {
  const at = folder();
  const problems: string[] = [];
  const metrics = minerMetrics([open(at, python ?? '', (problem) => problems.push(problem))]);
  const training = metrics.training({ cycle: 7, group: 2, policy: { accumulationSteps: 4 } });
  for (const step of [1, 2, 3]) training.step(progress(step));
  metrics.verdict({ cycle: 7, group: 2 }, { lossBefore: 4, lossAfter: 3, w: 0.25, score: 0.025 });
  await metrics.close();
  expect(problems).toEqual([]);
  const [file = ''] = globSync(join(at, 'wandb/offline-run-*/run-a-run.wandb'));
  const reader = join(import.meta.dirname, 'python/read_run.py');
  const history = execFileSync(python ?? '', [reader, file], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const losses = history.filter((row) => 'train/loss' in row);
  expect(losses.map((row) => [row['train/step'], row['train/loss'], row['cycle']])).toEqual([
    [1, 2, 7],
    [2, 1, 7],
    [3, 2 / 3, 7],
  ]);
  expect(losses[0]).toMatchObject({ 'train/learning_rate': 0.001, 'train/grad_norm': 1.5, expert_group: 2 });
  expect(history.at(-1)).toMatchObject({ 'verdict/w': 0.25, 'verdict/score': 0.025, cycle: 7 });
});

describe('a sidecar that dies', () => {
  const take = (sink: MetricSink): void =>
    sink.take({ at: '', cycle: 1, group: 0, step: 1, values: { 'train/loss': 1 } });

  test('is started again, and nobody else notices', async () => {
    const at = folder();
    const seen = join(at, 'seen');
    // It dies once, upon its second line; then it listens.
    const program = writeProgram(
      join(at, 'python'),
      `read first; read second; if [ -e "${seen}" ]; then cat >> "${seen}"; else echo died >&2; : > "${seen}"; exit 3; fi`,
    );
    const problems: string[] = [];
    const sink = open(at, program, (problem) => problems.push(problem));
    while (problems.length === 0) {
      take(sink);
      await delay(20);
    }
    expect(problems[0]).toMatch(/^The Weights & Biases process ended \(exit code 3: died\)/);
    await delay(200);
    take(sink);
    take(sink);
    await sink.close();
    expect(problems).toHaveLength(1);
    expect(existsSync(seen)).toBe(true);
  });

  test('or was never there is a line in the log and no more', async () => {
    const problems: string[] = [];
    const sink = open(folder(), '/no/such/python', (problem) => problems.push(problem));
    while (problems.length === 0) {
      take(sink);
      await delay(20);
    }
    await sink.close();
    expect(problems[0]).toContain('ENOENT');
  });

  test('or hears nothing is dropped when the miner ends', async () => {
    const at = folder();
    const sink = open(at, writeProgram(join(at, 'python'), 'exec sleep 600'));
    for (let count = 0; count < 100; count++) take(sink);
    await sink.close();
  });
});

test('nothing of ours is in a sidecar’s environment', async () => {
  const at = folder();
  const seen = join(at, 'environment');
  writeFileSync(seen, '');
  const sink = open(at, writeProgram(join(at, 'python'), `env > "${seen}"; cat > /dev/null`));
  await sink.close();
  const environment = execFileSync('cat', [seen], { encoding: 'utf8' });
  expect(environment).toContain('WANDB_MODE=offline');
  expect(environment).not.toContain('geheim');
});
