import { describe, expect, test } from '@jest/globals';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { rescore } from '../../domain/rescore.ts';
import { stateAfter } from '../../domain/scoring/past.ts';
import { ruleOf, type ScoreRule } from '../../domain/scoring/rule.ts';
import { cycleRecord, ema, minerHotkey, submission } from './cycle-fixture.ts';

const ranked = ruleOf('ranked', 0.9);

/** Cycles of three miners, newest first; the losses after, by miner. */
function cycles(rule: ScoreRule, rounds: readonly (readonly number[])[]): readonly CycleRecord[] {
  const records: CycleRecord[] = [];
  for (const [index, losses] of rounds.entries()) {
    const submissions = losses.map((lossAfter, number) => submission(number, { lossAfter }));
    records.unshift(cycleRecord(submissions, { cycle: index + 1, rule, state: stateAfter(rule, records) }));
  }
  return records;
}

const rounds = [
  [3, 3.2, 3.4],
  [3.1, 3, 3.5],
  [3.3, 3.1, 3],
];

describe('scoring stored cycles once more', () => {
  test.each([ema, ranked])('by the rule that scored them gives what they say: $name', (rule) => {
    const again = rescore(rule, cycles(rule, rounds), 3);
    expect(again.map(({ l1, cosine }) => [l1, cosine])).toEqual(again.map(() => [0, expect.closeTo(1, 12)]));
    expect(again.flatMap(({ moves }) => moves).every(({ rankBefore, rankAfter }) => rankBefore === rankAfter)).toBe(
      true,
    );
  });

  test('by another rule gives the vectors that this one would have given from the first of them on', () => {
    const expected = cycles(ranked, rounds);
    const again = rescore(ranked, cycles(ema, rounds), 3);
    expect(again.map(({ cycle, vector }) => [cycle, vector])).toEqual(
      expected.map(({ cycle, vector }) => [cycle, vector]),
    );
  });

  test('names the newest first, and no more than were asked for', () => {
    expect(rescore(ranked, cycles(ema, rounds), 2).map(({ cycle }) => cycle)).toEqual([3, 2]);
    expect(rescore(ranked, [], 2)).toEqual([]);
  });

  test('tells who moves and how far the vectors are apart', () => {
    const records = cycles(ema, [[3, 3.9, 4, 3.99]]);
    const [only] = rescore(ranked, records, 1);
    // 0.25 : 0.025 : 0 : 0.0025 becomes 2.25 : 1.5 : 0 : 1
    expect(only?.moves.map(({ hotkey, rankBefore, rankAfter }) => [hotkey, rankBefore, rankAfter])).toEqual([
      [minerHotkey(0), 1, 1],
      [minerHotkey(1), 2, 2],
      [minerHotkey(3), 3, 3],
      [minerHotkey(2), null, null],
    ]);
    const share = (values: readonly number[]) =>
      values.map((value) => value / values.reduce((sum, each) => sum + each, 0));
    const [before, after] = [share([0.25, 0.025, 0.0025]), share([2.25, 1.5, 1])];
    const l1 = before.reduce((sum, value, index) => sum + Math.abs(value - (after[index] ?? 0)), 0);
    expect(only?.l1).toBeCloseTo(l1, 4);
    expect(only?.cosine).toBeLessThan(1);
  });

  test('has no cosine against an empty vector', () => {
    const none = cycleRecord([], { cycle: 1, changes: { result: 'no_submissions' } });
    expect(rescore(ranked, [none], 1)).toMatchObject([{ l1: 0, cosine: null, moves: [] }]);
  });

  test('compares with what the scores gave, and not with what an operator made of it', () => {
    const [record] = cycles(ema, [[3, 3.2, 3.4]]);
    if (record === undefined) throw new Error('a cycle');
    const review = {
      mode: 'vote',
      block: record.endBlock,
      proposed: record.vector,
      departed: [],
      trips: [],
      decision: 'vetoed',
      by: 'alice',
      reason: null,
    } as const;
    expect(rescore(ema, [{ ...record, vector: [], review }], 1)).toMatchObject([{ l1: 0 }]);
  });
});
