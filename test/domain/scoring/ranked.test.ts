import { describe, expect, test } from '@jest/globals';
import type { SubmissionRecord } from '../../../domain/cycle-record.ts';
import type { PeerWeights } from '../../../domain/scoring/cohort.ts';
import { noPast, type PastPoints } from '../../../domain/scoring/past.ts';
import { rankedScores, rankedStandings, rankedVector, sharesIn } from '../../../domain/scoring/ranked.ts';
import type { ScoringInput } from '../../../domain/scoring/strategy.ts';
import { hotkey, uid } from '../../../domain/units.ts';
import { minerHotkey, submission, validator } from '../cycle-fixture.ts';

const neuron = (number: number) => ({ hotkey: minerHotkey(number), uid: uid(number) });
const seats = Array.from({ length: 12 }, (_, number) => neuron(number));
/** Earlier cycles, newest first, as points by miner. */
const pastOf = (...rounds: readonly Readonly<Record<number, number>>[]): readonly PastPoints[] =>
  rounds.map((round, back) => ({
    cycle: 100 - back,
    points: Object.entries(round).map(([number, points]) => ({ hotkey: minerHotkey(Number(number)), points })),
  }));
const peers = (...numbers: readonly number[]): readonly PeerWeights[] =>
  numbers.map((number) => ({ validator: hotkey('V'), top: [{ ...neuron(number), share: 0.5 }] }));
const input = (changes: Partial<ScoringInput> = {}): ScoringInput => ({
  result: 'completed',
  neurons: seats,
  submissions: [],
  self: validator,
  seed: { source: 'validator_commits', combined: 'ab'.repeat(32), validators: [{ hotkey: validator, seed: 7 }] },
  peerWeights: [],
  state: noPast,
  ...changes,
});
/** The best is the one named first. */
const places = (...numbers: readonly number[]): readonly SubmissionRecord[] =>
  numbers.map((number, rank) => submission(number, { lossBefore: 1, lossAfter: 0.5 + rank / 100 }));
const scoresOf = (each: ScoringInput) =>
  Object.fromEntries(rankedScores(each).map(({ uid: number, before, after }) => [Number(number), [before, after]]));

describe('a mean of rank points', () => {
  test('takes what was observed and counts nothing for what was not', () => {
    const state = { previous: [], past: pastOf({ 1: 1.5, 2: 0 }, {}, { 1: 0 }) };
    expect(scoresOf(input({ submissions: places(1, 3), state }))).toEqual({
      1: [0.75, 1.25],
      2: [0, 0],
      3: [null, 1.5],
    });
  });

  test('is over eight points, the oldest going first', () => {
    const round = { 1: 1 };
    const past = pastOf(round, round, round, round, round, round, round, { 1: 9 });
    expect(scoresOf(input({ submissions: places(1), state: { previous: [], past } }))).toEqual({
      1: [2, (2.25 + 7) / 8],
    });
  });

  test('stays where the fault is ours, and through a cycle that abstained', () => {
    const state = { previous: [], past: pastOf({ 1: 1.5 }) };
    const ours = submission(1, { outcome: 'our_fault', reason: 'evaluator', lossAfter: null });
    expect(scoresOf(input({ submissions: [ours], state }))).toEqual({ 1: [1.5, 1.5] });
    const abstained = input({ result: 'abstained', submissions: places(2), state });
    expect(scoresOf(abstained)).toEqual({ 1: [1.5, 1.5] });
  });

  test('goes with its hotkey: one that left is dropped, and who comes upon its uid starts from nothing', () => {
    const newcomer = { hotkey: hotkey('5New'), uid: uid(1) };
    const state = { previous: [], past: pastOf({ 1: 2.25 }) };
    expect(rankedScores(input({ neurons: [newcomer], state }))).toEqual([]);
    const submissions = [submission(1, { ...newcomer, lossBefore: 1, lossAfter: 1 })];
    expect(rankedScores(input({ neurons: [newcomer], submissions, state }))).toEqual([
      { ...newcomer, before: null, observation: 0, after: 0 },
    ]);
  });

  test('of a miner with points that did nothing falls by a 0', () => {
    const state = { previous: [], past: pastOf({ 1: 1 }) };
    expect(scoresOf(input({ state }))).toEqual({ 1: [1, 0.5] });
  });
});

describe('the shares', () => {
  test('are those of the original for its own example', () => {
    const first = sharesIn(
      0.98,
      [2.25, 1.5, 1].map((average, number) => ({ hotkey: minerHotkey(number), average })),
    );
    expect(first.map(([, share]) => Number(share.toFixed(5)))).toEqual([0.46421, 0.30947, 0.20632]);
    const second = sharesIn(
      0.02,
      [0.4, 0.1].map((average, number) => ({ hotkey: minerHotkey(number), average })),
    );
    expect(second.map(([, share]) => Number(share.toFixed(6)))).toEqual([0.016, 0.004]);
  });
});

const standing = (each: ScoringInput) =>
  Object.fromEntries(
    (rankedStandings(each, rankedScores(each)) ?? []).map(({ hotkey: miner, group, cohort }) => [
      Number(miner.slice(-3)),
      [cohort, group],
    ]),
  );

describe('the vector', () => {
  const three = { 1: 2.25, 2: 1.5, 3: 1, 4: 0.5 };
  const state = { previous: [], past: pastOf(three, three) };
  const submissions = places(1, 2, 3, 4, 5);

  test('gives 98 % to the three best whom all weights know and who were there in the last two cycles', () => {
    const each = input({ submissions, state, peerWeights: peers(1, 2, 3, 4) });
    expect(standing(each)).toEqual({
      1: ['a', 'first'],
      2: ['a', 'first'],
      3: ['a', 'first'],
      4: ['a', 'second'],
      5: ['c', null],
    });
    const vector = rankedVector(each, rankedScores(each));
    const total = vector.reduce((sum, { weight }) => sum + weight, 0);
    const share = (number: number) => (vector.find((row) => row.hotkey === minerHotkey(number))?.weight ?? 0) / total;
    expect(share(1) + share(2) + share(3)).toBeCloseTo(0.98, 4);
    expect(share(4)).toBeCloseTo(0.02, 4);
  });

  test('gives a newcomer nothing before it has two points, and no first place before three', () => {
    const each = input({
      submissions: places(5, 1),
      state: { previous: [], past: pastOf({ 1: 1, 5: 2.25 }, { 1: 1 }) },
      peerWeights: peers(1, 5),
    });
    expect(standing(each)).toEqual({ 1: ['a', 'first'], 5: ['a', 'second'] });
    const one = input({
      submissions: places(5, 1),
      state: { previous: [], past: pastOf({ 1: 1 }, { 1: 1 }) },
      peerWeights: peers(1, 5),
    });
    expect(standing(one)).toEqual({ 1: ['a', 'first'], 5: ['a', null] });
  });

  test('leaves out of the first group whoever missed the cycle before, though not its average', () => {
    const past = pastOf({ 1: 1 }, { 1: 1, 2: 2.25 }, { 2: 2.25 });
    const each = input({ submissions: places(2, 1), state: { previous: [], past }, peerWeights: peers(1, 2) });
    expect(standing(each)).toMatchObject({ 1: ['a', 'first'], 2: ['a', 'second'] });
  });

  test.each([
    ['no validator has weights yet', []],
    ['nobody has points of two cycles, as after a restart or a change of the schedule', peers(5)],
  ])('follows the averages where %s: uid 0 never gets a share for being uid 0', (_name, peerWeights) => {
    const each = input({ submissions: places(5, 6), peerWeights });
    expect(rankedVector(each, rankedScores(each))).toEqual([
      { hotkey: minerHotkey(5), weight: 65_535 },
      { hotkey: minerHotkey(6), weight: 43_690 },
    ]);
  });

  test('does not change in a cycle that abstained', () => {
    const each = input({ submissions, state, peerWeights: peers(1, 2, 3, 4) });
    const after = {
      previous: [],
      past: [
        { cycle: 101, points: rankedScores(each).map((row) => ({ hotkey: row.hotkey, points: row.observation ?? 0 })) },
        ...state.past,
      ],
    };
    const next = input({ ...each, result: 'abstained', submissions: [], state: after });
    expect(rankedVector(next, rankedScores(next))).toEqual(rankedVector(each, rankedScores(each)));
  });
});
