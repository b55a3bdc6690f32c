import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkBearer } from '../../../server/http/bearer.ts';
import { checkConditions, rangeStillFits } from '../../../server/http/conditions.ts';
import { humanBytes, humanSeconds, shortHotkey } from '../../../server/http/human.ts';
import { parseRange } from '../../../server/http/range.ts';

describe('a Range header', () => {
  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, 10],
    ['bytes=5-7', 5, 8],
    ['bytes=9-', 9, 10],
    ['bytes=5-999999999999999999999', 5, 10],
    ['bytes=-3', 7, 10],
    ['bytes=-99', 0, 10],
    ['Bytes= 1-2 ', 1, 3],
  ])('%s of ten bytes is %i to %i', (header, begin, end) => {
    expect(parseRange(header, 10)).toEqual({ kind: 'part', begin, end });
  });

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=999999999999999999999-'])(
    '%s of ten bytes cannot be had',
    (header) => {
      expect(parseRange(header, 10)).toEqual({ kind: 'unsatisfiable' });
    },
  );

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=5-3',
    'bytes=a-b',
    'bytes=1-2,3-4',
    'bytes=--1',
    'bytes=0x1-2',
    'items=0-1',
    `bytes=${Array.from({ length: 10_000 }, (_, i) => `${i}-${i}`).join(',')}`,
  ])('that is malformed or of several ranges is ignored', (header) => {
    expect(parseRange(header, 10)).toEqual({ kind: 'whole' });
  });

  test('of nothing can never be had', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' });
  });

  test('always stays within the file', () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    );
    fc.assert(
      fc.property(text, fc.nat(1000), (header, size) => {
        const range = parseRange(header, size);
        if (range.kind === 'part') expect(range.begin >= 0 && range.begin < range.end && range.end <= size).toBe(true);
      }),
    );
  });
});

describe('conditions', () => {
  test.each([
    [{}, 'go'],
    [{ 'if-none-match': '"a"' }, 'not_modified'],
    [{ 'if-none-match': '"b", W/"a"' }, 'not_modified'],
    [{ 'if-none-match': '*' }, 'not_modified'],
    [{ 'if-none-match': '"b"' }, 'go'],
    [{ 'if-match': '"a"' }, 'go'],
    [{ 'if-match': 'W/"a"' }, 'precondition_failed'],
    [{ 'if-match': '*', 'if-none-match': '"b"' }, 'go'],
  ])('%j means %s', (headers, answer) => {
    expect(checkConditions(headers, '"a"')).toBe(answer);
  });

  test('If-Range takes the strong tag alone', () => {
    expect(rangeStillFits(undefined, '"a"')).toBe(true);
    expect(rangeStillFits('"a"', '"a"')).toBe(true);
    for (const other of ['W/"a"', '"b"', 'Wed, 21 Oct 2015 07:28:00 GMT'])
      expect(rangeStillFits(other, '"a"')).toBe(false);
  });
});

describe('a bearer token', () => {
  test('is needed where one is set, and must be right', () => {
    expect(checkBearer(null, undefined, '/x')).toBeNull();
    expect(checkBearer('geheim', 'Bearer geheim', '/x')).toBeNull();
    expect(checkBearer('geheim', 'bearer  geheim', '/x')).toBeNull();
    for (const header of [undefined, '', 'geheim', 'Basic geheim', 'Bearer', 'Bearer a b']) {
      expect(checkBearer('geheim', header, '/x')).toMatchObject({ code: 'OST_HTTP_UNAUTHORIZED' });
    }
    for (const header of ['Bearer geheiM', 'Bearer g', `Bearer ${'geheim'.repeat(100)}`, 'Bearer gehëim']) {
      expect(checkBearer('geheim', header, '/x')).toMatchObject({ code: 'OST_HTTP_WRONG_TOKEN' });
    }
  });
});

test('sizes, times and hotkeys read as in the logs of the originals', () => {
  expect(humanBytes(7_200_000_000)).toBe('7.2GB');
  expect(humanBytes(512)).toBe('512B');
  expect(humanBytes(0)).toBe('0B');
  expect(humanBytes(1234)).toBe('1.2kB');
  expect(humanSeconds(12_345)).toBe('12.3s');
  expect(shortHotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty')).toBe('5FHne...');
});
