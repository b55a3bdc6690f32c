import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CurrentScore, cycleScores, nextScores, weightVector } from '../../domain/scores.ts';
import { hotkey, uid } from '../../domain/units.ts';
import { minerHotkey, submission } from './cycle-fixture.ts';

const neuron = (number: number) => ({ hotkey: minerHotkey(number), uid: uid(number) });
const scored = (number: number, score: number): CurrentScore => ({ ...neuron(number), score });
const alpha = 0.75;

describe('a score', () => {
  test.each([
    ['takes the first observation whole', [], [submission(0)], { before: null, observation: 0.25, after: 0.25 }],
    [
      'moves towards what is observed',
      [scored(0, 1)],
      [submission(0)],
      { before: 1, observation: 0.25, after: 0.8125 },
    ],
    ['of a miner that is missing is observed as 0', [scored(0, 1)], [], { before: 1, observation: 0, after: 0.75 }],
    [
      'falls by the miner’s own fault, whatever was measured',
      [scored(0, 1)],
      [submission(0, { outcome: 'miner_fault', reason: 'signature' })],
      { before: 1, observation: 0, after: 0.75 },
    ],
    [
      'stays where the fault is ours',
      [scored(0, 1)],
      [submission(0, { outcome: 'our_fault', reason: 'child_died' })],
      { before: 1, observation: null, after: 1 },
    ],
    [
      'stays where nobody can tell',
      [scored(0, 1)],
      [submission(0, { outcome: 'unknown' })],
      { before: 1, observation: null, after: 1 },
    ],
    [
      'begins at 0 with a fault of one’s own',
      [],
      [submission(0, { outcome: 'miner_fault' })],
      { before: null, observation: 0, after: 0 },
    ],
  ])('%s', (_name, previous, submissions, expected) => {
    expect(nextScores({ previous, neurons: [neuron(0)], submissions, alpha })).toEqual([{ ...neuron(0), ...expected }]);
  });

  test('does not begin by our fault, nor by being registered', () => {
    const submissions = [submission(0, { outcome: 'our_fault' })];
    expect(nextScores({ previous: [], neurons: [neuron(0), neuron(1)], submissions, alpha })).toEqual([]);
  });

  test('of a copy is observed as 0, although its loss fell', () => {
    const submissions = [submission(0, { modelHash: 'h' }), submission(1, { modelHash: 'h' })];
    const after = nextScores({ previous: [], neurons: [neuron(0), neuron(1)], submissions, alpha });
    expect(after.map(({ observation }) => observation)).toEqual([0.25, 0]);
  });

  test('does not pass on to the next hotkey on a uid', () => {
    const newcomer = { hotkey: hotkey('5New'), uid: uid(0) };
    const input = { previous: [scored(0, 1)], neurons: [newcomer], alpha };
    expect(nextScores({ ...input, submissions: [] })).toEqual([]);
    expect(nextScores({ ...input, submissions: [submission(0, newcomer)] })).toEqual([
      { ...newcomer, before: null, observation: 0.25, after: 0.25 },
    ]);
  });

  test('follows its hotkey to another uid', () => {
    const moved = { hotkey: minerHotkey(0), uid: uid(9) };
    expect(nextScores({ previous: [scored(0, 1)], neurons: [moved], submissions: [], alpha })).toEqual([
      { ...moved, before: 1, observation: 0, after: 0.75 },
    ]);
  });

  test.each(['abstained', 'missed'] as const)('stays through a cycle that was %s', (result) => {
    const input = { previous: [scored(0, 1), scored(1, 2)], neurons: [neuron(1)], submissions: [submission(1)], alpha };
    expect(cycleScores(result, input)).toEqual([{ ...neuron(1), before: 2, observation: null, after: 2 }]);
  });

  test.each(['completed', 'no_improvement', 'no_submissions'] as const)('moves in a cycle that is %s', (result) => {
    const input = { previous: [scored(0, 1)], neurons: [neuron(0)], submissions: [], alpha };
    expect(cycleScores(result, input)).toEqual(nextScores(input));
  });

  test('lies between what it was and what was observed, in the order of hotkeys, whatever order things come in', () => {
    const numbers = fc.uniqueArray(fc.nat(9), { maxLength: 8 });
    fc.assert(
      fc.property(
        numbers,
        numbers,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (known, present, score, lossAfter) => {
          const input = {
            previous: known.map((number) => scored(number, score)),
            neurons: Array.from({ length: 10 }, (_, number) => neuron(number)),
            submissions: present.map((number) => submission(number, { lossAfter })),
            alpha,
          };
          const rows = nextScores(input);
          expect(rows.map(({ uid: number }) => number)).toEqual(
            [...new Set([...known, ...present])].toSorted((a, b) => a - b),
          );
          for (const { before, observation, after } of rows) {
            const bounds = [before ?? observation ?? 0, observation ?? before ?? 0];
            expect(after).toBeGreaterThanOrEqual(Math.min(...bounds) - 1e-12);
            expect(after).toBeLessThanOrEqual(Math.max(...bounds) + 1e-12);
          }
          expect(
            nextScores({
              ...input,
              previous: input.previous.toReversed(),
              neurons: input.neurons.toReversed(),
              submissions: input.submissions.toReversed(),
            }),
          ).toEqual(rows);
        },
      ),
    );
  });
});

describe('the weight vector', () => {
  const self = hotkey('5Self');
  const vector = (...scores: readonly (readonly [string, number])[]) =>
    weightVector(
      scores.map(([name, after]) => ({ hotkey: hotkey(name), after })),
      self,
    ).map(({ hotkey: name, weight }) => [name, weight]);

  test.each([
    [
      'gives the highest 65535 and the others their part',
      [
        ['b', 0.5],
        ['a', 1],
      ],
      [
        ['a', 65535],
        ['b', 32768],
      ],
    ],
    [
      'leaves zeros out',
      [
        ['a', 0],
        ['b', 0.1],
      ],
      [['b', 65535]],
    ],
    [
      'leaves out what rounds to zero',
      [
        ['a', 1e-9],
        ['b', 1],
      ],
      [['b', 65535]],
    ],
    [
      'leaves oneself out',
      [
        ['5Self', 9],
        ['b', 0.1],
      ],
      [['b', 65535]],
    ],
    [
      'is empty where no score is positive',
      [
        ['a', 0],
        ['b', 0],
      ],
      [],
    ],
    ['is empty without scores', [], []],
  ] as const)('%s', (_name, scores, expected) => {
    expect(vector(...scores)).toEqual(expected);
  });

  test('does not change when all scores are doubled', () => {
    const scores = fc.uniqueArray(fc.tuple(fc.string(), fc.double({ min: 0, max: 1, noNaN: true })), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(scores, (rows) => {
        const normal = rows.filter(([, score]) => score === 0 || score > 1e-300);
        const weights = vector(...normal);
        expect(vector(...normal.map(([name, score]) => [name, score * 2] as const))).toEqual(weights);
        if (weights.length > 0) expect(Math.max(...weights.map(([, weight]) => Number(weight)))).toBe(65535);
      }),
    );
  });
});
