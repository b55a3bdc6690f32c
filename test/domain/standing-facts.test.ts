import { describe, expect, test } from '@jest/globals';
import type { WriteOutcome } from '../../domain/chain-write.ts';
import { type Books, standingFacts } from '../../domain/standing-facts.ts';
import { blocks } from '../../domain/units.ts';
import { cycleRecord, submission } from './cycle-fixture.ts';

const nothing: Books = { latest: null, writes: [], agreements: [] };
const included: WriteOutcome = {
  kind: 'included',
  extrinsicHash: '0x1',
  block: blocks(1),
  index: 0,
  uids: [],
  values: [],
};
const refused: WriteOutcome = { kind: 'refused', code: 'X', detail: '' };

describe('how a validator does', () => {
  test('is unknown before its first cycle', () => {
    expect(Object.values(standingFacts(nothing)).every((fact) => fact === null)).toBe(true);
  });

  test('counts the files that were there, and means w_i over the accepted ones', () => {
    const latest = cycleRecord([
      submission(1),
      submission(2, { lossAfter: 2 }),
      submission(3, { outcome: 'miner_fault', reason: 'hash', lossBefore: null, lossAfter: null }),
      submission(4, {
        outcome: 'miner_fault',
        reason: 'no_submission',
        digest: null,
        lossBefore: null,
        lossAfter: null,
      }),
    ]);
    expect(standingFacts({ ...nothing, latest })).toMatchObject({ cycle: 7, submissions: 3, averageW: 0.375 });
  });

  test('has no mean where nobody was accepted', () => {
    const latest = cycleRecord([], { changes: { result: 'no_submissions' } });
    expect(standingFacts({ ...nothing, latest })).toMatchObject({ submissions: 0, averageW: null });
  });

  test('counts each missed phase once, and all nine of a cycle that nobody worked on', () => {
    const notes = [
      { phase: 'Submission', note: 'missed: it ended at block 5' },
      { phase: 'Submission', note: 'missed: again' },
      { phase: 'Merge', note: 'late by 1 block' },
    ];
    const latest = cycleRecord([submission(1)], { changes: { notes } });
    expect(standingFacts({ ...nothing, latest }).missedPhases).toBe(1);
    const missed = cycleRecord([], { changes: { result: 'missed' } });
    expect(standingFacts({ ...nothing, latest: missed }).missedPhases).toBe(9);
  });

  test.each<readonly [string, Books['writes'], boolean | null]>([
    ['one that reached the chain', [included, refused], true],
    ['one that was refused', [refused, included], false],
    ['one that came too late', [{ kind: 'deadline', deadline: blocks(1), detail: '' }], false],
    ['one that was there already', [{ kind: 'already', block: blocks(1) }], true],
    ['the one before, where one is open', [null, included], true],
    ['the one before, where a newer took a place', [{ kind: 'superseded', by: 'x' }, refused], false],
    ['nothing, in a mode that sends nothing', [{ kind: 'withheld', mode: 'dry-run' }], null],
    ['nothing, before the first', [], null],
  ])('goes by the last settled vector: %s', (_name, writes, expected) => {
    expect(standingFacts({ ...nothing, writes }).weightsSet).toBe(expected);
  });

  test('has the share of full agreements', () => {
    const agreements = [{ full: true }, { full: false }, { full: true }, { full: true }];
    expect(standingFacts({ ...nothing, agreements }).agreementRate).toBe(0.75);
  });
});
