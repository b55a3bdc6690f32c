import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SubmissionRecord } from '../../../domain/cycle-record.ts';
import { dropScore, rankPoints } from '../../../domain/scoring/rank-points.ts';
import { submission } from '../cycle-fixture.ts';

/** A submission that lowered the loss from 1 by so much. */
const dropped = (number: number, drop: number, changes: Partial<SubmissionRecord> = {}) =>
  submission(number, { lossBefore: 1, lossAfter: 1 - drop, ...changes });

const fault = { outcome: 'miner_fault', lossBefore: null, lossAfter: null } as const;
const points = (rows: readonly SubmissionRecord[]) =>
  Object.fromEntries(rankPoints(rows).map(({ hotkey, points: given }) => [Number(hotkey.slice(-3)), given]));

describe('rank points', () => {
  test('are those of the original for its own example', () => {
    const rows = [
      dropped(1, 0.5),
      dropped(2, 0.5),
      dropped(3, 0.2),
      dropped(4, 0),
      dropped(5, 0.1),
      submission(6, { ...fault, reason: 'hash' }),
      submission(7, { ...fault, reason: 'no_hash' }),
      submission(8, { outcome: 'our_fault', reason: 'deadline', lossBefore: null, lossAfter: null }),
    ];
    expect(points(rows)).toEqual({ 3: 2.25, 5: 1.5, 1: 0, 2: 0, 4: 0, 6: 0, 7: 0 });
  });

  test.each([
    ['a loss that rose gets nothing', [dropped(1, -0.5), dropped(2, 0.1)], { 1: 0, 2: 2.25 }],
    ['the fourth gets nothing', [4, 3, 2, 1].map((n) => dropped(n, n / 10)), { 4: 2.25, 3: 1.5, 2: 1, 1: 0 }],
    [
      'a copy gets nothing and takes no rank from its original',
      [dropped(1, 0.5, { modelHash: 'h' }), dropped(2, 0.5, { modelHash: 'h' }), dropped(3, 0.2)],
      { 1: 2.25, 2: 0, 3: 1.5 },
    ],
    [
      'losses that differ in the last bit are no tie, though their powers may be',
      [dropped(1, 0.25), dropped(2, 0.25 - Number.EPSILON / 2), dropped(3, 0.1)],
      { 1: 2.25, 2: 1.5, 3: 1 },
    ],
    [
      'equal drops from other baselines go by uid',
      [submission(2, { lossBefore: 2, lossAfter: 1.5 }), submission(1, { lossBefore: 1, lossAfter: 0.5 })],
      { 1: 2.25, 2: 1.5 },
    ],
    ['whoever another validator judges gets no entry', [submission(1, { outcome: 'unknown', w: null })], {}],
  ] as const)('%s', (_name, rows, expected) => {
    expect(points(rows)).toEqual(expected);
  });

  test('depend on nobody’s place in the list, and never exceed what three ranks give', () => {
    const drops = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(drops, (all) => {
        const rows = all.map((drop, number) => dropped(number, drop));
        const given = rankPoints(rows);
        expect(rankPoints(rows.toReversed())).toEqual(given);
        const sorted = given.map((each) => each.points).filter((each) => each > 0);
        expect([2.25, 1.5, 1].slice(0, sorted.length)).toEqual(sorted.toSorted((a, b) => b - a));
      }),
    );
  });
});

test('a drop as the originals’ score is stretched by 1.2, and none is 0', () => {
  expect(dropScore(4.321, 3.512)).toBeCloseTo(0.809 ** 1.2, 12);
  expect(dropScore(3, 4)).toBe(0);
});
