import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluationRows, keptRows, selectRows, trainingRows } from '../../domain/batches.ts';

const seed = fc.stringMatching(/^[0-9a-f]{64}$/);

describe('the rows of an evaluation', () => {
  test('are distinct, in range, ascending and as many as there can be', () => {
    fc.assert(
      fc.property(seed, fc.nat(7), fc.nat(300), fc.nat(60), (combined, group, available, wanted) => {
        const rows = evaluationRows(combined, group, available, wanted);
        expect(rows).toHaveLength(Math.min(available, wanted));
        expect(new Set(rows).size).toBe(rows.length);
        expect(rows).toEqual(rows.toSorted((a, b) => a - b));
        for (const row of rows) expect(row >= 0 && row < available).toBe(true);
      }),
    );
  });

  test('never change for a seed: validators of any version must draw the same ones', () => {
    expect(evaluationRows('ab'.repeat(32), 2, 510, 8)).toEqual([35, 71, 83, 189, 268, 287, 405, 474]);
  });

  test('differ between seeds and between groups', () => {
    const rows = evaluationRows('00'.repeat(32), 0, 500, 32);
    expect(evaluationRows('01'.repeat(32), 0, 500, 32)).not.toEqual(rows);
    expect(evaluationRows('00'.repeat(32), 1, 500, 32)).not.toEqual(rows);
  });

  test('fall on every row alike', () => {
    const hits = new Array<number>(10).fill(0);
    for (let index = 0; index < 2000; index++) {
      for (const row of evaluationRows(`seed ${index}`, 0, 10, 3)) hits[row] = (hits[row] ?? 0) + 1;
    }
    // 600 expected each, with a standard deviation of about 20.
    for (const count of hits) expect(Math.abs(count - 600)).toBeLessThan(120);
  });

  test('refuse counts that are none', () => {
    expect(() => evaluationRows('00', 0, -1, 3)).toThrow(RangeError);
    expect(() => evaluationRows('00', 0, 3, 0.5)).toThrow(RangeError);
  });
});

describe("the originals' rows", () => {
  const combined = 'e27661c759c4dcdc215f61277eecd87275b023ea62bafc9aa654a86f27996595';

  test('are those that the originals keep', () => {
    expect(keptRows(combined, 60, 1000)).toEqual([4, 23, 31, 36, 49]);
  });

  test('are as many as are wanted, from the beginning', () => {
    expect(keptRows(combined, 1_000_000_000, 3)).toEqual([4, 23, 31]);
    expect(keptRows(combined, 4, 3)).toEqual([]);
    expect(() => keptRows(combined, -1, 3)).toThrow(RangeError);
  });

  test('are taken where the configuration says so', () => {
    const from = { seed: combined, group: 0, available: 60, wanted: 2 };
    expect(selectRows('kept', from)).toEqual([4, 23]);
    expect(selectRows('drawn', from)).toEqual(evaluationRows(combined, 0, 60, 2));
  });
});

describe('the rows of a training step', () => {
  test('are in range and follow from seed and step alone', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(),
        fc.integer({ min: 1, max: 1e9 }),
        fc.nat(32),
        (name, step, available, size) => {
          const rows = trainingRows(name, step, available, size);
          expect(rows).toHaveLength(size);
          expect(trainingRows(name, step, available, size)).toEqual(rows);
          for (const row of rows) expect(row >= 0 && row < available).toBe(true);
        },
      ),
    );
  });

  test('differ from step to step', () => {
    expect(trainingRows('5Grw/3', 0, 600_000, 8)).not.toEqual(trainingRows('5Grw/3', 1, 600_000, 8));
  });

  test('need a text', () => {
    expect(() => trainingRows('a', 0, 0, 8)).toThrow(RangeError);
  });
});
