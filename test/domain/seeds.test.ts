import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blockHashSeed, combineSeeds, integerSeed } from '../../domain/seeds.ts';

const three = [
  { hotkey: 'valA', seed: 11 },
  { hotkey: 'valB', seed: 29 },
  { hotkey: 'valC', seed: 7 },
];
const combined = 'e27661c759c4dcdc215f61277eecd87275b023ea62bafc9aa654a86f27996595';

describe('the combined seed', () => {
  test.each([
    ['three seeds', three, combined],
    [
      'seeds that are all 0',
      three.map(({ hotkey }) => ({ hotkey, seed: 0 })),
      '2ac9a6746aca543af8dff39894cfe8173afba21eb01c6fae33d52947222855ef',
    ],
    ['no validator', [], '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9'],
  ])('of %s is the originals’', (_name, validators, expected) => {
    expect(combineSeeds(validators)).toBe(expected);
  });

  test('does not depend on the order in which the validators come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(three, { minLength: 3 }), (validators) => combineSeeds(validators) === combined),
    );
  });

  test.each([1.5, -1, Number.NaN, 2 ** 53])('refuses %p, which has no exact decimal text', (seed) => {
    expect(() => combineSeeds([{ hotkey: 'valA', seed }])).toThrow(RangeError);
  });

  test('gives the integer seed of the originals', () => {
    expect(integerSeed(combined)).toBe(3799409095);
    expect(() => integerSeed('0x12345678')).toThrow(RangeError);
  });
});

test('the seed of a block hash is the hash of its text', () => {
  expect(blockHashSeed('0')).toBe('5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9');
});
