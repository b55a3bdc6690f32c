import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eraFor, lastBlockOf, maxUpscale, sameWeights } from '../../domain/signed-write.ts';
import { blocks } from '../../domain/units.ts';

describe('the era', () => {
  test.each([
    [-3, 8],
    [1, 8],
    [8, 8],
    [9, 16],
    [16, 16],
    [400, 512],
    [100_000, 2048],
  ])('of %i blocks left is %i', (left, era) => {
    expect(eraFor(left)).toBe(era);
  });

  test('is the smallest power of two from 8 on that covers the blocks left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2048 }), (left) => {
        const era = eraFor(left);
        expect(era).toBeGreaterThanOrEqual(Math.max(8, left));
        expect(era === 8 || era / 2 < left).toBe(true);
        expect(Number.isInteger(Math.log2(era))).toBe(true);
      }),
    );
  });

  test('ends one block before its length is over', () => {
    expect(lastBlockOf({ birth: { number: blocks(100), hash: '0x' }, eraBlocks: 8 })).toBe(107);
  });
});

describe('weights as the chain stores them', () => {
  test.each([
    [
      [1, 3],
      [21845, 65535],
    ],
    [
      [1, 2],
      [32768, 65535],
    ],
    [
      [10, 20, 30],
      [21845, 43690, 65535],
    ],
    [
      [3, 0],
      [65535, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [[], []],
  ])('%j becomes %j', (sent, stored) => {
    expect(maxUpscale(sent)).toEqual(stored);
  });

  test('scaling twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 65535 })), (values) => {
        const once = maxUpscale(values);
        expect(maxUpscale(once)).toEqual(once);
      }),
    );
  });

  test('are compared after the same scaling and in any order, and a difference of one is a difference', () => {
    const stored = [
      [2, 65535],
      [1, 21845],
    ] as const;
    expect(sameWeights(stored, [1, 2], [1, 3])).toBe(true);
    expect(sameWeights(stored, [1, 2], [2, 3])).toBe(false);
    expect(sameWeights(stored, [1, 3], [1, 3])).toBe(false);
    expect(sameWeights(stored, [1], [1])).toBe(false);
  });
});
