import { describe, expect, test } from '@jest/globals';
import { difference } from './difference.ts';
import type { Played } from './play.ts';
import type { Point } from './point.ts';

const pointCalled = (name: string): Point => ({ name, ways: [] });
const points = ['finishCycle', 'the signer, sometime'].map(pointCalled);

const played: Played = {
  outcome: { records: [{ cycle: 0, result: 'completed' }], onChain: [[1, 65_535]] },
  files: ['ledger.sqlite', 'model/current.json'],
  exits: [0, 0, 0],
  ended: ['validator'],
  accepted: 1,
  noted: [],
  phases: {},
  struck: points.map(({ name }) => name),
  seconds: 20,
};

describe('a run with kills, compared with the run without', () => {
  test('is equal where outcome and files are, however long it took', () => {
    expect(difference({ ...played, struck: [], ended: [], seconds: 10 }, played, points)).toBeNull();
  });

  test('does not count where one of its kills did not happen', () => {
    const found = difference(played, { ...played, struck: ['finishCycle'] }, points);
    expect(found).toBe('nobody was killed at: the signer, sometime');
  });

  test.each([
    [{ outcome: { ...played.outcome, onChain: [[1, 1]] } }, 'onChain differ: [[1,1]] instead of [[1,65535]]'],
    [{ outcome: { onChain: [[1, 65_535]] } }, /^records differ: undefined/],
    [{ files: [...played.files, 'tmp/half'] }, 'left behind: tmp/half'],
    [{ files: ['ledger.sqlite'] }, 'not there: model/current.json'],
    [{ exits: [0, 1, 0] }, 'exit codes 0, 1, 0'],
  ])('differs where it is otherwise in %j', (changed, said) => {
    expect(difference(played, { ...played, ...changed }, points)).toMatch(said);
  });

  test('has nothing to be compared with where its seed was not played without kills', () => {
    expect(difference(undefined, played, points)).toMatch('no run without kills');
  });
});
