import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Likeness,
  likeness,
  readSketch,
  sampledCoordinates,
  sketchOf,
  sketchSamples,
} from '../../domain/sketch.ts';

const seed = 'ab'.repeat(32);

/** Numbers that look normally distributed, another row for each name. */
const direction = (name: number): Float64Array =>
  Float64Array.from({ length: sketchSamples }, (_, index) => {
    const u = ((Math.sin(index * 12.9898 + name * 78.233) * 43_758.5453) % 1) + 1;
    const v = ((Math.sin(index * 39.346 + name * 11.135) * 24_634.6345) % 1) + 1;
    return Math.sqrt(-2 * Math.log(u % 1 || 0.5)) * Math.cos(2 * Math.PI * (v % 1));
  });

const mix = (one: Float64Array, other: Float64Array, share: number) =>
  one.map((value, index) => value + share * (other[index] ?? 0));

function compare(one: Float64Array, other: Float64Array): Likeness {
  const [left, right] = [sketchOf(one, seed, 2), sketchOf(other, seed, 2)].map((each) => readSketch(each ?? ''));
  if (left == null || right == null) throw new Error('an update without a direction');
  return likeness(left, right);
}

describe('sampled coordinates', () => {
  test('are of the seed and the group, in ascending order and within the group', () => {
    const elements = 3_500_000_000;
    const some = sampledCoordinates(seed, 2, elements);
    expect(some).toEqual(sampledCoordinates(seed, 2, elements));
    expect(some).toHaveLength(4096);
    expect(some).toEqual(some.toSorted((a, b) => a - b));
    expect(some.every((each) => Number.isSafeInteger(each) && each >= 0 && each < elements)).toBe(true);
    expect(Math.abs(some.reduce((sum, each) => sum + each, 0) / 4096 / elements - 0.5)).toBeLessThan(0.03);
    expect(sampledCoordinates(seed, 1, elements)).not.toEqual(some);
    expect(sampledCoordinates('cd'.repeat(32), 2, elements)).not.toEqual(some);
  });
});

describe('a sketch', () => {
  test('is one text for one update, on every machine', () => {
    const sketch = sketchOf(
      Float64Array.from({ length: sketchSamples }, (_, index) => (index % 7) - 3),
      seed,
      2,
    );
    expect(sketch).toHaveLength(171);
    expect(sketch?.slice(0, 24)).toBe('jTs9QYLgq1VI0oaKXgX9Tu2_');
  });

  test('does not know how long an update is', () => {
    const one = direction(1);
    expect(
      sketchOf(
        one.map((value) => value * 1e-6),
        seed,
        2,
      ),
    ).toBe(sketchOf(one, seed, 2));
  });

  test('of nothing is none', () => {
    expect(sketchOf(new Float64Array(16), seed, 0)).toBeNull();
  });

  test.each([0.05, 0.2, 0.5, 1])('tells the angle of two updates, one with noise of %d', (noise) => {
    const [one, other] = [direction(1), direction(2)];
    expect(compare(one, mix(one, other, noise)).similarity).toBeCloseTo(1 / Math.hypot(1, noise), 1);
  });

  test.each([
    ['itself with little noise', mix(direction(1), direction(2), 0.1), true],
    ['half of itself', direction(1).map((value) => value / 2), true],
    ['itself with as much noise as it is long', mix(direction(1), direction(2), 1), false],
    ['something else', direction(2), false],
    ['its opposite', direction(1).map((value) => -value), false],
  ])('is near that of %s: %#', (_name, other, near) => {
    expect(compare(direction(1), other).near).toBe(near);
  });

  test('is as near to another as that is to it', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (a, b) => {
        expect(compare(direction(a), direction(b))).toEqual(compare(direction(b), direction(a)));
      }),
      { numRuns: 5 },
    );
  });

  test('that is cut short or no base64url is none', () => {
    expect(readSketch('AAAA')).toBeNull();
    expect(readSketch('no sketch!')).toBeNull();
  });
});
