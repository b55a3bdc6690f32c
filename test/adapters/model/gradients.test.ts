import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { startEvaluator } from '../../../adapters/model/evaluator.ts';
import { probeGradients } from './gradient-probe.ts';
import { base, modelFolder } from './reference.ts';

const gradientsSchema = z.record(
  z.string(),
  z.object({ norm: z.number(), sum: z.number(), first: z.array(z.number()) }),
);

/** What torch computes in double precision, written by the exporter. */
const goldenSchema = z.object({
  rows: z.number(),
  groups: z.array(z.object({ group: z.number(), losses: z.array(z.number()), gradients: gradientsSchema })),
});

const goldenFile = join(import.meta.dirname, '../../fixtures/model-golden.json');
const golden = goldenSchema.parse(JSON.parse(await readFile(goldenFile, 'utf8')));

test('the loss graph gives the losses that torch gives, row by row', async () => {
  const evaluator = await startEvaluator({ modelFolder, threads: 1 });
  try {
    for (const { group, losses } of golden.groups) {
      const rows = Array.from({ length: golden.rows }, (_, row) => ({ group, row }));
      const result = await evaluator.evaluate({ parts: base, group: 'all', rows, batchSize: 3, timeoutMs: 50_000 });
      expect(result.losses).toHaveLength(losses.length);
      for (const [index, loss] of result.losses.entries()) {
        expect(Math.abs(loss - (losses[index] ?? 0)) / loss).toBeLessThan(1e-5);
      }
    }
  } finally {
    await evaluator.close();
  }
});

describe.each(golden.groups)('the gradient graph of group $group', ({ group, losses, gradients }) => {
  const probed = probeGradients(group, golden.rows);

  test('gives the gradients that torch gives', async () => {
    const { loss, gradients: actual } = await probed;
    const mean = losses.reduce((sum, each) => sum + each, 0) / losses.length;
    expect(Math.abs(loss - mean) / mean).toBeLessThan(1e-5);
    expect([...actual.keys()].toSorted()).toEqual(Object.keys(gradients).toSorted());
    for (const [name, { norm, sum, first }] of Object.entries(gradients)) {
      const near = (value: number | undefined, wanted: number) =>
        expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThan(1e-4 * norm + 1e-9);
      expect(norm).toBeGreaterThan(0);
      const given = actual.get(name);
      near(given?.norm, norm);
      near(given?.sum, sum);
      for (const [at, value] of first.entries()) near(given?.first[at], value);
    }
  });

  test('agrees with how the loss changes along random directions', async () => {
    for (const { predicted, measured } of (await probed).directions) {
      expect(Math.abs(measured - predicted) / Math.abs(predicted)).toBeLessThan(0.002);
    }
  });

  test('gives the same loss to the last bit in any batches', async () => {
    const { inBatches } = await probed;
    expect(new Set(inBatches).size).toBe(1);
  });

  test('points the way: one AdamW step lowers the loss', async () => {
    const { loss, afterStep } = await probed;
    expect(afterStep).toBeLessThan(loss);
  });
});
