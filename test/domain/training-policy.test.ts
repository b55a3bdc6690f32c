import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rowsOfStep, shardOf } from '../../domain/training-policy.ts';

test('the shards of all ranks hold each row of a step exactly once, in the order of ranks and batches', () => {
  const count = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(count, count, count, (batchSize, accumulationSteps, worldSize) => {
      const policy = { batchSize, accumulationSteps, worldSize };
      const rows = Array.from({ length: rowsOfStep(policy) }, (_, row) => row);
      const seen = Array.from({ length: worldSize }, (_, rank) => shardOf(policy, rank))
        .flat()
        .map(([begin, end]) => rows.slice(begin, end));
      expect(seen.flat()).toEqual(rows);
      expect(new Set(seen.map((batch) => batch.length))).toEqual(new Set([batchSize]));
    }),
  );
});
