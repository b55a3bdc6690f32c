import { describe, expect, test } from '@jest/globals';
import { decodeTable, encodeTo } from '../../../domain/merge/float-formats.ts';

const half = decodeTable('F16');
const brain = decodeTable('BF16');

describe('16-bit floats', () => {
  test('mean what the standards say', () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0x8000].map((code) => half[code])).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      Number.POSITIVE_INFINITY,
      -0,
    ]);
    expect([0x3f80, 0xc000, 0x0001, 0xff80].map((code) => brain[code])).toEqual([
      1,
      -2,
      2 ** -133,
      Number.NEGATIVE_INFINITY,
    ]);
    expect([half[0x7c01], brain[0x7f81]]).toEqual([Number.NaN, Number.NaN]);
  });

  test.each([['F16', half] as const, ['BF16', brain] as const])(
    'of type %s come back as they were, every code',
    (format, table) => {
      const back = encodeTo(format, Float32Array.from(table));
      const wrong = [...back.keys()].filter((code) => back[code] !== code && !Number.isNaN(table[code]));
      expect(wrong).toEqual([]);
      expect(
        [...back.keys()].filter((code) => Number.isNaN(table[code]) !== Number.isNaN(table[back[code] ?? 0])),
      ).toEqual([]);
    },
  );

  test.each([['F16', half] as const, ['BF16', brain] as const])(
    'of type %s round to the nearest, ties to even: also between every two neighbours',
    (format, table) => {
      const above = [...table.keys()].filter((code) => code < 0x7fff && Number.isFinite(table[code + 1] ?? Number.NaN));
      const middles = Float32Array.from(above, (code) => ((table[code] ?? 0) + (table[code + 1] ?? 0)) / 2);
      const rounded = encodeTo(format, middles);
      const wrong = above.filter((code, i) => rounded[i] !== (code % 2 === 0 ? code : code + 1));
      // The smallest middle of bfloat16 lies below float32's own smallest number.
      expect(wrong.filter((code) => middles[above.indexOf(code)] !== table[code])).toEqual([]);
    },
  );

  test('grow to infinity where they are too large, and not before', () => {
    expect([...encodeTo('F16', Float32Array.of(65504, 65519, 65520, -1e9))]).toEqual([0x7bff, 0x7bff, 0x7c00, 0xfc00]);
  });
});
