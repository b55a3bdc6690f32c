import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CommittedModel, type ModelVote, majorityModel } from '../../domain/majority-model.ts';

const vote = (stake: number, hash: string | null, { group = 0, version = 1 } = {}): ModelVote => ({
  stakeRao: String(stake),
  committed: hash === null ? null : { modelHash: hash, version, group },
});
const hashOf = (votes: readonly ModelVote[], group = 0) => majorityModel(votes, group)?.modelHash ?? null;

describe('the model of the majority', () => {
  test('is the one that the most stake stands behind, not the most validators', () => {
    expect(hashOf([vote(10, 'a'), vote(3, 'b'), vote(3, 'b'), vote(3, 'b')])).toBe('a');
    expect(hashOf([vote(10, 'a'), vote(6, 'b'), vote(5, 'b')])).toBe('b');
    expect(hashOf([vote(100, null), vote(1, 'a')])).toBe('a');
  });

  test('is that of the miner’s own group: stake behind other groups’ models says nothing of it', () => {
    const votes = [vote(100, 'other', { group: 1 }), vote(1, 'own', { group: 0 })];
    expect(hashOf(votes, 0)).toBe('own');
    expect(hashOf(votes, 1)).toBe('other');
    expect(hashOf(votes, 2)).toBe('other');
  });

  test('is nobody’s before the first commitment', () => {
    expect(hashOf([])).toBeNull();
    expect(hashOf([vote(5, null)])).toBeNull();
  });

  test('of equal stakes is the newer one, and of those the smaller hash, in whatever order they come', () => {
    const votes = [vote(5, 'b', { version: 2 }), vote(5, 'a', { version: 2 }), vote(5, 'c', { version: 1 })];
    fc.assert(
      fc.property(fc.shuffledSubarray(votes, { minLength: 3 }), (shuffled) => {
        expect(hashOf(shuffled)).toBe('a');
      }),
    );
  });

  test('counts stakes beyond what a double can tell apart', () => {
    const a: CommittedModel = { modelHash: 'a', version: 1, group: 0 };
    const votes = [
      { stakeRao: '9007199254740993', committed: a },
      { stakeRao: '9007199254740992', committed: { ...a, modelHash: 'b', version: 9 } },
    ];
    expect(hashOf(votes)).toBe('a');
  });
});
