import { describe, expect, test } from '@jest/globals';
import { cohortOf, groupA, type PeerWeights, tallies, topOf } from '../../../domain/scoring/cohort.ts';
import { type Hotkey, hotkey, uid } from '../../../domain/units.ts';
import { minerHotkey, validator } from '../cycle-fixture.ts';

const seat = (number: number) => ({ hotkey: minerHotkey(number), uid: uid(number) });
const row = (name: string, shares: readonly (readonly [number, number])[]): PeerWeights => ({
  validator: hotkey(name),
  top: shares.map(([number, share]) => ({ ...seat(number), share })),
});
const seedOf = (digits: string, validators: readonly Hotkey[] = [validator]) => ({
  source: 'validator_commits' as const,
  combined: digits.repeat(32),
  validators: validators.map((each, index) => ({ hotkey: each, seed: index + 1 })),
});
const numbers = (hotkeys: readonly string[]) => hotkeys.map((each) => Number(each.slice(-3)));

describe('the largest entries of a row of weights', () => {
  const names = new Map(Array.from({ length: 8 }, (_, number) => [uid(number), minerHotkey(number)]));

  test('are five, as shares of the whole row, equal ones by uid', () => {
    const weights = [7, 6, 5, 4, 3, 2].map((number) => ({ uid: uid(number), weight: number === 2 ? 65_535 : 13_107 }));
    const top = topOf(weights, names);
    expect(top.map((each) => Number(each.uid))).toEqual([2, 3, 4, 5, 6]);
    expect(top.map(({ share }) => share)).toEqual([0.5, 0.1, 0.1, 0.1, 0.1]);
  });

  test('are none of zeros, and none of a uid that nobody holds', () => {
    expect(topOf([{ uid: uid(1), weight: 0 }], names)).toEqual([]);
    expect(topOf([{ uid: uid(99), weight: 5 }], names)).toEqual([]);
  });
});

describe('group A', () => {
  test('is the original’s for its own example', () => {
    const example = {
      7: [0.9, 2, 0.6],
      10: [0.5, 2, 0.3],
      70: [0.29, 1, 0.29],
      5: [0.05, 2, 0.025],
      6: [0.031, 1, 0.031],
    };
    const rows = Object.entries(example).map(([number, [total = 0, count = 0, most = 0]]) => {
      return { ...seat(Number(number)), total, count, most };
    });
    expect(groupA(rows).map((each) => Number(each.uid))).toEqual([7, 10, 70, 6]);
  });

  test('counts only the three largest entries of each validator', () => {
    const rows = [
      row('V1', [
        [1, 0.4],
        [2, 0.3],
        [3, 0.2],
        [4, 0.1],
      ]),
      row('V2', [
        [1, 0.6],
        [4, 0.4],
      ]),
    ];
    expect(tallies(rows, 3).map(({ uid: number, count }) => [Number(number), count])).toEqual([
      [1, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    const four = tallies(rows, 3).find(({ uid: number }) => number === 4);
    expect(four).toMatchObject({ total: 0.4, count: 1, most: 0.4 });
  });
});

describe('the cohort', () => {
  test('has those of the five largest entries in B, and of the others at most seventeen in C', () => {
    const rows = [
      row('V1', [
        [1, 0.5],
        [2, 0.3],
        [3, 0.1],
        [4, 0.06],
        [5, 0.04],
      ]),
    ];
    const assigned = Array.from({ length: 30 }, (_, number) => minerHotkey(number));
    const { a, b, c } = cohortOf(rows, assigned, seedOf('ab'), validator);
    expect(numbers(a)).toEqual([1, 2, 3]);
    expect(numbers(b)).toEqual([4, 5]);
    expect(c).toHaveLength(17);
    expect(numbers(c).filter((number) => number >= 1 && number <= 5)).toEqual([]);
  });

  test('has thirteen in A and B together', () => {
    const rows = Array.from({ length: 10 }, (_, validator) =>
      row(
        `V${validator}`,
        Array.from({ length: 5 }, (_each, at) => [validator * 5 + at, 0.2] as const),
      ),
    );
    const { a, b } = cohortOf(rows, [], null, validator);
    expect(a).toHaveLength(13);
    expect(b).toEqual([]);
  });

  test('draws C by the seed, each validator another part, whatever order the miners come in', () => {
    const miners = Array.from({ length: 40 }, (_, number) => minerHotkey(number));
    const other = hotkey('5Other');
    const seed = seedOf('aa', [validator, other]);
    const one = cohortOf([], miners, seed, validator).c;
    expect(one).toHaveLength(17);
    expect(cohortOf([], miners.toReversed(), seed, validator).c).toEqual(one);
    expect(cohortOf([], miners, seedOf('bb', [validator, other]), validator).c).not.toEqual(one);
    const two = cohortOf([], miners, seed, other).c;
    expect(one.filter((each) => two.includes(each))).toEqual([]);
  });

  test('has everybody in C where no validator was in time, and nobody for one that was not among them', () => {
    const miners = [minerHotkey(1), minerHotkey(2)];
    expect(cohortOf([], miners, seedOf('aa', []), validator).c).toEqual(miners);
    expect(cohortOf([], miners, seedOf('aa', [hotkey('5Other')]), validator).c).toEqual([]);
  });
});
