import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addCodes,
  addDifferences,
  addValues,
  differenceFault,
  largestMagnitude,
  meanOf,
  mostTerms,
  quantum,
  termFault,
  termsOf,
} from '../../../domain/merge/exact-mean.ts';
import { decodeTable, encodeTo } from '../../../domain/merge/float-formats.ts';

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
const tables = { BF16: decodeTable('BF16'), F16: decodeTable('F16') };
const terms = { BF16: termsOf(tables.BF16), F16: termsOf(tables.F16) };

/** The mean of all inputs, read in chunks of a length. */
function mean(
  format: 'F32' | 'BF16' | 'F16',
  inputs: readonly Float32Array<ArrayBuffer>[],
  chunk: number,
): Float32Array {
  const length = inputs[0]?.length ?? 0;
  const result = new Float32Array(length);
  for (let begin = 0; begin < length; begin += chunk) {
    const end = Math.min(begin + chunk, length);
    const sum = new Float64Array(end - begin);
    const pieces = inputs.map((values) => values.slice(begin, end));
    if (format === 'F32') for (const piece of pieces) addValues(sum, piece);
    else
      addCodes(
        sum,
        terms[format],
        pieces.map((piece) => encodeTo(format, piece)),
      );
    meanOf(sum, inputs.length, result.subarray(begin, end));
  }
  return result;
}

const length = 17;
const value = fc.oneof(
  fc.float({ noNaN: true, min: -largestMagnitude, max: largestMagnitude }),
  // Small ones beside large ones are where sums in another order would differ.
  fc.float({ noNaN: true, min: Math.fround(-1e-6), max: Math.fround(1e-6) }),
);
const inputs = fc.array(
  fc.array(value, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list)),
  {
    minLength: 1,
    maxLength: 9,
  },
);

describe('the exact mean', () => {
  test.each(['F32', 'BF16', 'F16'] as const)('of %s has the same bits in any order and in any chunks', (format) => {
    fc.assert(
      fc.property(
        inputs.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        fc.integer({ min: 1, max: length + 1 }),
        ([all, shuffled], chunk) => {
          expect(bits(mean(format, shuffled, chunk))).toEqual(bits(mean(format, all, length)));
        },
      ),
    );
  });

  test('is exact to the last term, with as many as there may be and as large as they may be', () => {
    const sum = new Float64Array(1);
    for (let i = 1; i < mostTerms; i++) addValues(sum, Float32Array.of(largestMagnitude));
    addValues(sum, Float32Array.of(quantum));
    expect(sum[0]).toBe((mostTerms - 1) * largestMagnitude + quantum);
  });

  test('is within a quantum of what it should be', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        const found = mean('F32', all, length);
        for (let i = 0; i < length; i++) {
          const exact = all.reduce((sum, values) => sum + (values[i] ?? 0), 0) / all.length;
          expect(Math.abs((found[i] ?? 0) - exact)).toBeLessThanOrEqual(quantum + Math.abs(exact) * 2 ** -23);
        }
      }),
    );
  });

  test('of differences is that of base minus candidate', () => {
    const sum = new Float64Array(2);
    addDifferences(sum, Float32Array.of(1, 2), Float32Array.of(0.5, 4));
    addDifferences(sum, Float32Array.of(1, 2), Float32Array.of(1, 1));
    const result = new Float32Array(2);
    meanOf(sum, 2, result);
    expect([...result]).toEqual([0.25, -0.5]);
  });
});

describe('what may be a term', () => {
  test('is finite and of a size that a weight may move in a cycle', () => {
    expect(termFault(Float32Array.of(0, -largestMagnitude, largestMagnitude))).toBeNull();
    expect(termFault(Float32Array.of(0, 1e30))).toBe('magnitude');
    expect(termFault(Float32Array.of(1e30, Number.NaN))).toBe('nan');
    expect(termFault(Float32Array.of(Number.NEGATIVE_INFINITY))).toBe('nan');
  });

  test('is told of differences too, also where both are infinite', () => {
    const base = Float32Array.of(1, Number.POSITIVE_INFINITY);
    expect(differenceFault(base, Float32Array.of(1))).toBeNull();
    expect(differenceFault(base, Float32Array.of(100))).toBe('magnitude');
    expect(differenceFault(base, Float32Array.of(1, Number.POSITIVE_INFINITY))).toBe('nan');
  });
});
