import { expect, test } from '@jest/globals';
import { h256Int } from '../../domain/h256.ts';

const combined = 'e27661c759c4dcdc215f61277eecd87275b023ea62bafc9aa654a86f27996595';

test('the hash primitive gives the originals’ integer', () => {
  expect(h256Int('preference', 'miner0', 11, combined)).toBe(
    0x5d4a798237f76dcb85fcb4627a3ccbe57d0f83f4ca9e759bcd050cd2ec7a2151n,
  );
});

test('the parts’ borders count, and an integer is its decimal text', () => {
  expect(h256Int('ab', 'c')).not.toBe(h256Int('a', 'bc'));
  expect(h256Int('x', 11)).toBe(h256Int('x', '11'));
  expect(h256Int('x', 11n)).toBe(h256Int('x', '11'));
});

test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])('%p is refused as a part', (part) => {
  expect(() => h256Int(part)).toThrow(RangeError);
});
