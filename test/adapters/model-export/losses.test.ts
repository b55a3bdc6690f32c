import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startEvaluator } from '../../../adapters/model/evaluator.ts';
import { replaceGroup } from '../../../adapters/model/parts.ts';
import { temporaryFolder } from '../model/reference.ts';
import { bundleNames, readBundle, writePerturbed, writeTokens } from './bundles.ts';

describe.each(bundleNames)('the exported %s', (name) => {
  test('has the losses that transformers computes, also with each group replaced', async () => {
    const { modelFolder, golden, parts } = await readBundle(name);
    const groups = golden.groups.length;
    await using folder = await temporaryFolder();
    const evalDatasetPath = await writeTokens(folder.path, golden.rows.flat(), groups);
    const evaluator = await startEvaluator({ modelFolder, threads: 1, evalDatasetPath });
    try {
      const rows = golden.rows.map((_, row) => ({ group: 0, row }));
      const job = { rows, batchSize: 2, timeoutMs: 60_000 };
      const base = await evaluator.evaluate({ ...job, parts, group: 'all' });
      expectNear(base.losses, golden.losses);
      for (const { group, perturbed: wanted } of golden.groups) {
        const file = join(folder.path, `${group}.safetensors`);
        await writePerturbed(parts.groups[group] ?? '', file);
        const replaced = await evaluator.evaluate({ ...job, parts: replaceGroup(parts, group, file), group });
        expectNear(replaced.losses, wanted);
        // A group that nobody routes to would pass unseen.
        expect(distances(replaced.losses, golden.losses).some((distance) => distance > 0.01)).toBe(true);
      }
    } finally {
      await evaluator.close();
    }
  });
});

const distances = (losses: readonly number[], wanted: readonly number[]): readonly number[] =>
  wanted.map((each, index) => Math.abs((losses[index] ?? Number.NaN) - each) / each);

function expectNear(losses: readonly number[], wanted: readonly number[]): void {
  expect(losses).toHaveLength(wanted.length);
  for (const distance of distances(losses, wanted)) expect(distance).toBeLessThan(1e-3);
}
