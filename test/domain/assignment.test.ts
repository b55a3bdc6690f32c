import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignMiners } from '../../domain/assignment.ts';

const miners = Array.from({ length: 8 }, (_, number) => `miner${number}`);
const validators = [
  { hotkey: 'valA', seed: 11 },
  { hotkey: 'valB', seed: 29 },
  { hotkey: 'valC', seed: 7 },
];
const zeros = validators.map(({ hotkey }) => ({ hotkey, seed: 0 }));

const numbers = (assignments: ReturnType<typeof assignMiners>) =>
  Object.fromEntries(assignments.map((each) => [each.validator, each.miners.map((hotkey) => Number(hotkey.at(-1)))]));

describe('the assignment of miners to validators', () => {
  test.each([
    ['no limit', validators, null, { valA: [6, 1, 2], valB: [4, 0], valC: [3, 5, 7] }],
    ['a limit of 2, which overflows', validators, 2, { valA: [6, 1, 0, 2], valB: [4, 7], valC: [3, 5] }],
    ['seeds that are all 0', zeros, null, { valA: [4, 1, 0], valB: [5, 2, 6], valC: [3, 7] }],
  ])('with %s is the originals’', (_name, given, maxPerValidator, expected) => {
    expect(numbers(assignMiners({ validators: given, miners, maxPerValidator }))).toEqual(expected);
  });

  test('leaves nobody out, gives nobody to two, and is even where no limit bites', () => {
    const hotkeys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 20 });
    const seeded = fc.uniqueArray(fc.record({ hotkey: fc.string(), seed: fc.nat(5) }), {
      selector: ({ hotkey }) => hotkey,
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(seeded, hotkeys, fc.option(fc.nat(4)), (given, all, maxPerValidator) => {
        const assigned = assignMiners({ validators: given, miners: all, maxPerValidator });
        expect(assigned.flatMap((each) => each.miners).toSorted()).toEqual(all.toSorted());
        expect(assigned.map(({ validator }) => validator)).toEqual(given.map(({ hotkey }) => hotkey));
        if (maxPerValidator !== null) return;
        const sizes = assigned.map((each) => each.miners.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('does not depend on the order of the miners', () => {
    const expected = assignMiners({ validators, miners, maxPerValidator: 2 });
    fc.assert(
      fc.property(fc.shuffledSubarray(miners, { minLength: 8 }), (shuffled) => {
        expect(assignMiners({ validators, miners: shuffled, maxPerValidator: 2 })).toEqual(expected);
      }),
    );
  });

  test('with equal seeds keeps to the order in which the chain gave the validators', () => {
    const reversed = assignMiners({ validators: zeros.toReversed(), miners, maxPerValidator: null });
    expect(numbers(reversed)).toEqual({ valC: [4, 1, 0], valB: [5, 2, 6], valA: [3, 7] });
  });

  test('is empty where there is no validator', () => {
    expect(assignMiners({ validators: [], miners, maxPerValidator: null })).toEqual([]);
  });
});
