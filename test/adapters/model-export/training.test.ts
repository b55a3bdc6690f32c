import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { startEvaluator } from '../../../adapters/model/evaluator.ts';
import { replaceGroup } from '../../../adapters/model/parts.ts';
import { train } from '../../../adapters/model/trainer.ts';
import { modelFolder as reference, shortPolicy, temporaryFolder } from '../model/reference.ts';
import { bundleNames, readBundle } from './bundles.ts';
import { probeBundle } from './gradient-probe.ts';

describe.each(bundleNames.flatMap((name) => [0, 1].map((group) => [name, group] as const)))(
  'the gradient graph of %s, group %i',
  (name, group) => {
    test('gives the gradients that transformers computes, times the loss scale', async () => {
      const { golden } = await readBundle(name);
      const { loss, oneByOne, scale, gradients } = await probeBundle(name, group);
      const mean = golden.losses.reduce((sum, each) => sum + each, 0) / golden.losses.length;
      expect(Math.abs(loss - mean) / mean).toBeLessThan(1e-3);
      expect(oneByOne).toBeCloseTo(loss, 5);
      const wanted = golden.groups[group]?.gradients ?? {};
      expect([...gradients.keys()].toSorted()).toEqual(Object.keys(wanted).toSorted());
      for (const [tensor, { norm, sum, first }] of Object.entries(wanted)) {
        const given = gradients.get(tensor);
        const near = (value: number | undefined, expected: number) =>
          expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThan(1e-3 * norm + 1e-7);
        near(given?.norm, norm);
        near(given?.sum, sum);
        for (const [at, value] of first.entries()) near(given?.first[at], value);
        if (norm > 0) expect(given?.times).toBeCloseTo(scale, 3);
      }
      expect(Object.values(wanted).some(({ norm }) => norm > 0)).toBe(true);
    });
  },
);

test.each(['deepseek_v3', 'qwen2_moe'])(
  'a group of %s trains on text by its own tokenizer, and what it submits is judged better',
  async (name) => {
    const { modelFolder, parts } = await readBundle(name);
    await using folder = await temporaryFolder();
    const datasetPath = join(folder.path, 'text.jsonl');
    const text = (await readFile(join(reference, 'corpus/group_0.train.txt'), 'utf8')).slice(0, 4000);
    await writeFile(datasetPath, `${JSON.stringify({ text })}\n`);
    const policy = { ...shortPolicy, batchSize: 4, evaluateEverySteps: 4, learningRate: 0.01, warmupSteps: 1 };
    const job = { modelFolder, parts, group: 1, folder: folder.path, seed: 'a seed', policy, resume: true };
    const result = await train({ ...job, datasetPath, finalFile: null }, () => undefined, new AbortController().signal);
    expect(result.validationAfter).toBeLessThan(result.validationBefore);
    const [made, original] = await Promise.all([hashTensors(result.file), hashTensors(parts.groups[1] ?? '')]);
    expect(made).toMatchObject({ tensors: original.tensors, bytes: original.bytes, nonFinite: 0 });
    const evaluator = await startEvaluator({ modelFolder, threads: 1, evalDatasetPath: datasetPath });
    try {
      const rows = Array.from({ length: 8 }, (_, row) => ({ group: 1, row: row * 3 }));
      const candidate = { parts: replaceGroup(parts, 1, result.file), group: 1, rows, batchSize: 4, timeoutMs: 60_000 };
      const { before, after } = await evaluator.compare(candidate, parts);
      expect(after.mean).toBeLessThan(before.mean);
    } finally {
      await evaluator.close();
    }
  },
);
