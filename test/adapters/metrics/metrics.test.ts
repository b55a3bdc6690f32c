import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { jsonLines } from '../../../adapters/metrics/json-lines.ts';
import { minerMetrics } from '../../../adapters/metrics/miner-metrics.ts';
import { prometheusSink } from '../../../adapters/metrics/prometheus.ts';
import { temporaryFolders } from '../../setup/processes.ts';
import { progress } from './progress.ts';

const folder = temporaryFolders();
const about = { cycle: 7, group: 2, policy: { accumulationSteps: 4 } };

describe('a file of JSON lines', () => {
  const linesOf = (file: string) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('has a line for each step, each evaluation and each verdict', async () => {
    const file = join(folder(), 'metrics.jsonl');
    const metrics = minerMetrics([jsonLines(file, () => undefined)]);
    const training = metrics.training(about);
    training.step(progress(1));
    training.step(progress(2, { validation: 1.9, bestStep: 2, checkpointMs: 40 }));
    metrics.verdict(about, { lossBefore: 4, lossAfter: 3, w: 0.25, score: null });
    await metrics.close();
    const [first, second, evaluation, verdict] = linesOf(file);
    expect(first).toMatchObject({ cycle: 7, group: 2, step: 1, 'train/loss': 2, 'train/loss_scale': 65_536 });
    expect(new Date(first.at).toISOString()).toBe(first.at);
    expect(second).toMatchObject({ step: 2, 'train/loss': 1, 'train/tokens': 1024, 'train/step_seconds': 0.5 });
    expect(evaluation).toMatchObject({
      step: 2,
      'eval/loss': 1.9,
      'eval/best_step': 2,
      'checkpoint/save_seconds': 0.04,
    });
    expect(verdict).toMatchObject({ 'verdict/loss_before': 4, 'verdict/loss_after': 3, 'verdict/w': 0.25 });
    expect(verdict).not.toHaveProperty('verdict/score');
    expect(verdict).not.toHaveProperty('step');
  });

  test('has no line that is no JSON: what is no number is left out', async () => {
    const file = join(folder(), 'metrics.jsonl');
    const metrics = minerMetrics([jsonLines(file, () => undefined)]);
    metrics.training(about).step(progress(1, { loss: Number.NaN, gradNorm: Number.POSITIVE_INFINITY, skipped: true }));
    await metrics.close();
    const [only] = linesOf(file);
    expect(only).toMatchObject({ 'train/skipped': 1, 'train/learning_rate': 0.001 });
    expect(only).not.toHaveProperty('train/loss');
    expect(only).not.toHaveProperty('train/grad_norm');
  });

  test('is written to by two processes at a time, line by line', async () => {
    const file = join(folder(), 'metrics.jsonl');
    const both = [0, 1].map(() => minerMetrics([jsonLines(file, () => undefined)]));
    for (let step = 1; step <= 50; step++) for (const metrics of both) metrics.training(about).step(progress(step));
    await Promise.all(both.map((metrics) => metrics.close()));
    expect(linesOf(file)).toHaveLength(100);
  });

  test('that cannot be written is told once, and stops nobody', async () => {
    const problems: string[] = [];
    const place = join(folder(), 'metrics.jsonl');
    // A folder of its name: true for root, too, whom no permission stops.
    mkdirSync(place);
    chmodSync(place, 0o500);
    const metrics = minerMetrics([jsonLines(place, (problem) => problems.push(problem))]);
    for (const step of [1, 2, 3]) metrics.training(about).step(progress(step));
    await metrics.close();
    expect(problems).toEqual([expect.stringContaining('EISDIR')]);
  });
});

describe('/metrics of a miner', () => {
  test('has the last values under the originals’ names, with no label but the group', async () => {
    const registry = new Registry();
    const metrics = minerMetrics([prometheusSink(registry)]);
    const training = metrics.training(about);
    training.step(progress(1));
    training.step(progress(2, { loss: Number.NaN, skipped: true }));
    training.step(progress(3, { validation: 1.9, bestStep: 3, checkpointMs: 40 }));
    metrics.verdict(about, { lossBefore: 4, lossAfter: 3, w: 0.25, score: 0.025 });
    const text = await registry.metrics();
    for (const line of [
      'miner_training_loss{expert_group="2"} 0.6666666666666666',
      'miner_learning_rate{expert_group="2"} 0.001',
      'miner_gradient_norm{expert_group="2"} 1.5',
      'miner_grad_accum_steps{expert_group="2"} 4',
      'miner_loss_scale{expert_group="2"} 65536',
      'miner_local_step_rate{expert_group="2"} 2',
      'miner_tokens_per_sec{expert_group="2"} 1000',
      'miner_total_tokens{expert_group="2"} 1536',
      'miner_total_samples{expert_group="2"} 12',
      'miner_skipped_steps_total{expert_group="2"} 1',
      'miner_step{expert_group="2"} 3',
      'miner_cycle{expert_group="2"} 7',
      'miner_validation_loss{expert_group="2"} 1.9',
      'miner_best_step{expert_group="2"} 3',
      'miner_checkpoint_save_latency_seconds_count{expert_group="2"} 1',
      'miner_verdict_loss_before{expert_group="2"} 4',
      'miner_verdict_loss_after{expert_group="2"} 3',
      'miner_verdict_w{expert_group="2"} 0.25',
      'miner_verdict_score{expert_group="2"} 0.025',
    ])
      expect(text).toContain(`${line}\n`);
    const labels = new Set(
      [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) => inner.match(/\w+(?==)/g) ?? []),
    );
    expect([...labels].toSorted()).toEqual(['expert_group', 'le']);
  });
});
