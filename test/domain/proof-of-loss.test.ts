import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeBase64Url } from '../../domain/base64url.ts';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { abstains, countedSubmissions, improving, relativeDrop } from '../../domain/proof-of-loss.ts';
import { blocks } from '../../domain/units.ts';
import { minerHotkey, submission } from './cycle-fixture.ts';

describe('w', () => {
  test('is the relative drop of the loss', () => {
    expect(relativeDrop(4.321, 3.512)).toBeCloseTo(0.187225, 6);
  });

  test.each([
    ['a loss that rose', 3, 4, 0],
    ['a loss that stayed', 3, 3, 0],
    ['a loss of nothing at all', 3, 0, 1],
    ['no loss before', null, 3, null],
    ['no loss after', 3, null, null],
    ['an infinite loss after', 3, Number.POSITIVE_INFINITY, null],
    ['a loss after that is not a number', 3, Number.NaN, null],
    ['an infinite loss before', Number.POSITIVE_INFINITY, 3, null],
    ['a loss before of 0', 0, 3, null],
    ['a negative loss before', -1, -2, null],
  ])('of %s', (_name, before, after, expected) => {
    expect(relativeDrop(before, after)).toBe(expected);
  });
});

const at = (block: number, index: number) => ({ commitBlock: blocks(block), commitIndex: index, modelHash: 'same' });
const verdicts = (rows: readonly SubmissionRecord[]) =>
  countedSubmissions(rows).map((row) => row.reason ?? row.outcome);

describe('of equal submissions', () => {
  test.each([
    ['the earlier block counts', [at(9, 5), at(8, 7)], ['copy', 'ok']],
    ['the earlier extrinsic of a block counts', [at(8, 1), at(8, 0)], ['copy', 'ok']],
    ['one without a commitment comes last', [{ ...at(0, 0), commitBlock: null }, at(9, 9)], ['copy', 'ok']],
    ['only one counts', [at(9, 1), at(9, 2), at(9, 3)], ['ok', 'copy', 'copy']],
    [
      'one that failed by its own fault displaces nobody',
      [{ ...at(1, 0), outcome: 'miner_fault' as const, reason: 'signature' }, at(9, 1)],
      ['signature', 'ok'],
    ],
    [
      'one that failed by ours is still the original',
      [{ ...at(1, 0), outcome: 'our_fault' as const, reason: 'child_died' }, at(9, 1)],
      ['child_died', 'copy'],
    ],
    [
      'a later one that failed by ours keeps that',
      [at(1, 0), { ...at(9, 1), outcome: 'our_fault' as const, reason: 'child_died' }],
      ['ok', 'child_died'],
    ],
  ])('%s', (_name, changes, expected) => {
    expect(verdicts(changes.map((change, number) => submission(number, change)))).toEqual(expected);
  });

  test('those with different hashes, or none, all count', () => {
    expect(
      verdicts([submission(0), submission(1), submission(2, { modelHash: null }), submission(3, { modelHash: null })]),
    ).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('a copy names its original and keeps what was measured', () => {
    const copy = countedSubmissions([submission(0, at(1, 0)), submission(1, at(2, 0))])[1];
    expect(copy).toMatchObject({ outcome: 'miner_fault', lossAfter: 3, w: 0.25 });
    expect(copy?.detail).toContain(minerHotkey(0));
  });

  const sketchOfBits = (changed: number) =>
    encodeBase64Url(Uint8Array.from({ length: 128 }, (_, byte) => (byte < changed / 8 ? 255 : 0)));

  test.each([
    ['updates that point the same way are one', { sketch: sketchOfBits(16) }, 'copy'],
    ['updates at an angle are two', { sketch: sketchOfBits(160) }, 'ok'],
    ['updates of two groups are two, however alike', { sketch: sketchOfBits(0), group: 3 }, 'ok'],
    ['an equal file is one, whatever was committed', { digest: 'digest0' }, 'copy'],
    ['a sketch that is none says nothing', { sketch: 'AAAA' }, 'ok'],
  ])('%s', (_name, changes, expected) => {
    const rows = [submission(0, { ...at(1, 0), modelHash: 'one', sketch: sketchOfBits(0), group: 1 })];
    rows.push(submission(1, { ...at(2, 0), modelHash: 'two', group: 1, ...changes }));
    expect(verdicts(rows)).toEqual(['ok', expected]);
    expect(verdicts(rows.toReversed())).toEqual([expected, 'ok']);
  });

  test('the record says of whom a copy is, by what measure, and how near', () => {
    const original = submission(0, { ...at(1, 0), modelHash: 'one', sketch: sketchOfBits(0), group: 1 });
    const copyOf = (changes: Partial<SubmissionRecord>) =>
      countedSubmissions([original, submission(1, { ...at(2, 0), modelHash: 'two', group: 1, ...changes })])[1]?.copyOf;
    const hotkey = minerHotkey(0);
    expect(copyOf({ sketch: sketchOfBits(16) })).toEqual({ hotkey, measure: 'updates', similarity: 0.9988 });
    expect(copyOf({ modelHash: 'one' })).toEqual({ hotkey, measure: 'tensors', similarity: 1 });
    expect(copyOf({ digest: 'digest0', modelHash: 'one' })).toEqual({ hotkey, measure: 'file', similarity: 1 });
  });

  test('the nearest original is named where there are several', () => {
    const near = (number: number, bits: number) =>
      submission(number, { ...at(number, 0), modelHash: `h${number}`, group: 1, sketch: sketchOfBits(bits) });
    const [, , third] = countedSubmissions([near(0, 0), near(1, 96), near(2, 80)]);
    expect(third?.copyOf?.hotkey).toBe(minerHotkey(1));
  });

  test('a copy’s mark is taken back where it was wrong', () => {
    const wrong = submission(0, { outcome: 'miner_fault', reason: 'copy', detail: 'same tensors as 5Nobody' });
    expect(countedSubmissions([wrong])[0]).toMatchObject({ outcome: 'ok', reason: null, detail: null });
  });

  const rows = fc
    .array(
      fc.record({
        modelHash: fc.constantFrom('a', 'b', null),
        commitBlock: fc.option(fc.nat(3).map(blocks)),
        commitIndex: fc.option(fc.nat(2)),
        outcome: fc.constantFrom('ok' as const, 'miner_fault' as const, 'our_fault' as const, 'unknown' as const),
      }),
      { maxLength: 8 },
    )
    .map((changes) => changes.map((change, number) => submission(number, change)));

  test('the same ones count in whichever order they come, and once is enough', () => {
    fc.assert(
      fc.property(
        rows.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const byUid = (list: readonly SubmissionRecord[]) => list.toSorted((a, b) => a.uid - b.uid);
          const counted = countedSubmissions(all);
          expect(byUid(countedSubmissions(shuffled))).toEqual(byUid(counted));
          expect(countedSubmissions(counted)).toEqual(counted);
        },
      ),
    );
  });

  test('no tensors count twice', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const hashes = countedSubmissions(all).flatMap(({ outcome, modelHash }) =>
          outcome === 'ok' && modelHash !== null ? [modelHash] : [],
        );
        expect(new Set(hashes).size).toBe(hashes.length);
      }),
    );
  });
});

test('those that improved the model are the ones that count with a w above zero', () => {
  const rows = [
    submission(0),
    submission(1, { lossAfter: 5 }),
    submission(2, { modelHash: 'hash0', commitBlock: blocks(999) }),
    submission(3, { outcome: 'our_fault', reason: 'child_died' }),
    submission(4, { w: null }),
  ];
  expect(improving(rows, null).map(({ uid }) => uid)).toEqual([0]);
});

describe('a cycle abstains', () => {
  const failed = (number: number, reason: string | null, outcome: SubmissionRecord['outcome'] = 'our_fault') =>
    submission(number, { outcome, reason });

  test.each([
    [
      'when two of three fail alike',
      [failed(0, 'x'), failed(1, 'x'), submission(2)],
      { reason: 'x', failed: 2, of: 3 },
    ],
    [
      'when what is unknown is alike',
      [failed(0, null, 'unknown'), failed(1, null, 'unknown'), failed(2, null, 'unknown')],
      { reason: 'unknown', failed: 3, of: 3 },
    ],
    ['not when exactly half fail', [failed(0, 'x'), failed(1, 'x'), submission(2), submission(3)], null],
    ['not when they fail differently', [failed(0, 'x'), failed(1, 'y'), failed(2, 'z')], null],
    ['not with fewer than three miners', [failed(0, 'x'), failed(1, 'x')], null],
    ['not when the fault is the miners’', [0, 1, 2].map((number) => failed(number, 'x', 'miner_fault')), null],
    [
      'not over miners that others judge',
      [0, 1, 2].map((number) => failed(number, 'assigned_elsewhere', 'unknown')),
      null,
    ],
    ['not with nobody', [], null],
  ])('%s', (_name, rows, expected) => {
    expect(abstains(rows)).toEqual(expected);
  });
});
