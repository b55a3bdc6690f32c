import { describe, expect, test } from '@jest/globals';
import { observedSubmissions } from '../../../domain/agreement/observe.ts';
import type { AgreedValue } from '../../../domain/agreement/record.ts';
import type { SubmissionRecord } from '../../../domain/cycle-record.ts';
import { noPast, stateAfter } from '../../../domain/scoring/past.ts';
import { type RankedRule, ruleOf } from '../../../domain/scoring/rule.ts';
import { scoresBy } from '../../../domain/scoring/strategy.ts';
import { uid } from '../../../domain/units.ts';
import { cycleRecord, ema, minerHotkey, submission, validator } from '../cycle-fixture.ts';

const agreed = (number: number, w: number, lossBefore: number | null = 4): AgreedValue => ({
  hotkey: minerHotkey(number),
  w,
  lossBefore,
  voters: 3,
  stakeRao: '3',
});
const ranked = ruleOf('ranked', 0.9) as RankedRule;

const observations = (
  rows: readonly SubmissionRecord[],
  values: readonly AgreedValue[],
  rule: typeof ema | RankedRule = ema,
) => {
  const neurons = rows.map(({ hotkey, uid: seat }) => ({ hotkey, uid: seat }));
  const submissions = observedSubmissions(rows, { values });
  const input = { result: 'completed' as const, neurons, submissions, self: validator, seed: null, peerWeights: null };
  return scoresBy(rule, { ...input, state: noPast }).map(({ hotkey, observation }) => [hotkey, observation]);
};

describe('an agreed value', () => {
  test.each<readonly [string, SubmissionRecord, number]>([
    ['one’s own loss', submission(1), 0.5],
    ['the miner’s fault as it was seen here', submission(1, { outcome: 'miner_fault', reason: 'hash' }), 0.5],
    ['a fault of one’s own', submission(1, { outcome: 'our_fault', reason: 'evaluator', w: null }), 0.5],
    ['what nobody here could tell', submission(1, { outcome: 'unknown', reason: 'no_time', w: null }), 0],
  ])('takes the place of %s', (_name, row, w) => {
    expect(observations([row], [agreed(1, w)])).toEqual([[minerHotkey(1), w]]);
  });

  test('leaves those alone on whom nothing was agreed', () => {
    expect(observations([submission(1), submission(2)], [agreed(1, 0.5)])).toEqual([
      [minerHotkey(1), 0.5],
      [minerHotkey(2), 0.25],
    ]);
    const rows = [submission(1)];
    expect(observedSubmissions(rows, undefined)).toBe(rows);
  });

  test('of a miner that counts as a copy here alone stands, and makes nobody else one', () => {
    const original = submission(1);
    const copy = { ...submission(2), modelHash: original.modelHash, outcome: 'miner_fault' as const, reason: 'copy' };
    const third = { ...submission(3), modelHash: original.modelHash, outcome: 'miner_fault' as const, reason: 'copy' };
    expect(observations([original, copy], [agreed(2, 0.5)])).toEqual([
      [minerHotkey(1), 0.25],
      [minerHotkey(2), 0.5],
    ]);
    expect(observations([original, copy, third], [agreed(1, 0.5)])[0]).toEqual([minerHotkey(1), 0.5]);
  });

  test('gives ranks by the agreed drop, and none to the agreed zero', () => {
    const rows = [submission(1), submission(2, { lossAfter: 1 }), submission(3), submission(4)];
    const values = [agreed(1, 0.5), agreed(2, 0.25), agreed(3, 0, null), agreed(4, 0.25, 9)];
    // Drops of 2, 1, 0 and 2.25.
    expect(observations(rows, values, ranked).map(([, points]) => points)).toEqual([1.5, 1, 0, 2.25]);
  });

  test('counts in the past, too, where a rule goes by that', () => {
    const record = cycleRecord([submission(1), submission(2, { lossAfter: 3.5 })]);
    const agreement = {
      full: false,
      result: 'agreed' as const,
      directoryBlock: record.startBlock,
      digestsBy: record.startBlock,
      tablesBy: record.startBlock,
      heardRao: '3',
      totalRao: '3',
      peers: [],
      values: [agreed(1, 0), agreed(2, 0.5)],
      contested: [],
      tables: [],
    };
    const points = (of: typeof record) => stateAfter(ranked, [of]).past[0]?.points.map((each) => each.points);
    expect([points(record), points({ ...record, agreement })]).toEqual([
      [2.25, 1.5],
      [0, 2.25],
    ]);
    const scoredByRanks = { ...record, agreement, scoreRule: ranked };
    expect(stateAfter(ema, [scoredByRanks]).previous).toEqual([
      { hotkey: minerHotkey(1), uid: uid(1), score: 0 },
      { hotkey: minerHotkey(2), uid: uid(2), score: 0.5 },
    ]);
  });
});
