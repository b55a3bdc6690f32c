import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../domain/canonical-json.ts';

test('keys are in code-point order at every depth, and there is no white space', () => {
  expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'é"', B: 0.1 })).toBe(
    '{"B":0.1,"a":"é\\"","b":[1,{"c":true,"d":null}]}',
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n])('%p is refused, at any depth', (value) => {
  expect(() => canonicalJson(value)).toThrow(RangeError);
  expect(() => canonicalJson({ a: [value] })).toThrow(RangeError);
});

test('any JSON value reads back equal, and its text does not depend on the order of keys', () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .toReversed()
              .map(([key, item]) => [key, reversed(item)]),
          )
        : value;
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.stringify(JSON.parse(text))).toHaveLength(JSON.stringify(value).length);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});
