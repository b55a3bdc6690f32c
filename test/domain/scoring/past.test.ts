import { describe, expect, test } from '@jest/globals';
import type { CycleRecord } from '../../../domain/cycle-record.ts';
import { noPast, stateAfter } from '../../../domain/scoring/past.ts';
import { knownRule, ruleOf, type ScoreRule } from '../../../domain/scoring/rule.ts';
import { uid } from '../../../domain/units.ts';
import { cycleRecord, ema, minerHotkey, submission } from '../cycle-fixture.ts';

const ranked = ruleOf('ranked', 0.9);
const points = (records: readonly CycleRecord[]) =>
  stateAfter(ranked, records).past.map((round) =>
    Object.fromEntries(round.points.map(({ hotkey, points: given }) => [Number(hotkey.slice(-3)), given])),
  );
/** Cycles scored one after the other; given oldest first, returned newest first, as the ledger gives them. */
function chain(rule: ScoreRule, rounds: readonly (readonly number[])[]): readonly CycleRecord[] {
  const records: CycleRecord[] = [];
  for (const [index, numbers] of rounds.entries()) {
    const submissions = numbers.map((number, rank) => submission(number, { lossAfter: 3 + rank / 10 }));
    const others = rounds.flat().filter((number) => !numbers.includes(number));
    records.unshift(cycleRecord(submissions, { cycle: index + 1, rule, others, state: stateAfter(rule, records) }));
  }
  return records;
}

describe('what a rule knows of the past', () => {
  test('is nothing before the first cycle', () => {
    expect(stateAfter(ema, [])).toEqual(noPast);
    expect(stateAfter(ranked, [])).toEqual(noPast);
  });

  test('is the last record’s scores for the average of relative drops, even with another alpha', () => {
    const [last] = chain(ema, [[1, 2], [2]]);
    const expected = last?.scores.map(({ hotkey, uid, after }) => ({ hotkey, uid, score: after }));
    expect(stateAfter(ema, last === undefined ? [] : [last]).previous).toEqual(expected);
    expect(stateAfter(ruleOf('relative-drop-ema', 0.5), last === undefined ? [] : [last]).previous).toEqual(expected);
  });

  test('is made from the losses where another rule scored: the same as if it had been this one all along', () => {
    const rounds = [
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
    ];
    expect(stateAfter(ema, chain(ranked, rounds)).previous).toEqual(stateAfter(ema, chain(ema, rounds)).previous);
    expect(points(chain(ema, rounds))).toEqual(points(chain(ranked, rounds)));
  });

  test('is the points of the last eight cycles that observed anybody', () => {
    const rounds = Array.from({ length: 10 }, () => [1]);
    expect(points(chain(ema, rounds))).toEqual(Array.from({ length: 8 }, () => ({ 1: 2.25 })));
    const [newest, ...rest] = chain(ema, [[1], [1], [1]]);
    const abstained = { ...cycleRecord([], { cycle: 3 }), result: 'abstained' as const, scores: newest?.scores ?? [] };
    expect(points([abstained, ...rest])).toEqual([{ 1: 2.25 }, { 1: 2.25 }]);
  });

  test('ends for a hotkey where a record in between no longer has it, for it was not registered then', () => {
    const [third, second, first] = chain(ema, [[1, 2], [2], [2, 1]]);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three cycles');
    const gone = { ...second, scores: second.scores.filter(({ hotkey }) => hotkey !== minerHotkey(1)) };
    expect(points([third, second, first])).toEqual([
      { 1: 1.5, 2: 2.25 },
      { 1: 0, 2: 2.25 },
      { 1: 2.25, 2: 1.5 },
    ]);
    expect(points([third, gone, first])).toEqual([{ 1: 1.5, 2: 2.25 }, { 2: 2.25 }, { 2: 1.5 }]);
  });

  test('has a 0 for whoever had a score and did nothing', () => {
    const [first] = chain(ema, [[1, 2]]);
    if (first === undefined) throw new Error('a cycle');
    const idle = { hotkey: minerHotkey(9), uid: uid(9), before: 1, observation: 0, after: 0.9 };
    expect(points([{ ...first, scores: [...first.scores, idle] }])).toEqual([{ 1: 2.25, 2: 1.5, 9: 0 }]);
  });
});

test('a rule of another version, or without its parameter, is not known', () => {
  expect(knownRule({ name: 'ranked', version: 2 })).toBeNull();
  expect(knownRule({ name: 'relative-drop-ema', version: 1 })).toBeNull();
  expect(knownRule({ name: 'whim', version: 1 })).toBeNull();
  expect(knownRule(ema)).toEqual(ema);
  expect(knownRule(ranked)).toEqual(ranked);
});
