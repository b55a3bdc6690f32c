import { describe, expect, test } from '@jest/globals';
import { assignmentOf } from '../../domain/cycle-assignment.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import type { CurrentScore } from '../../domain/scores.ts';
import { noPast } from '../../domain/scoring/past.ts';
import { combineSeeds } from '../../domain/seeds.ts';
import { blocks, hotkey, uid } from '../../domain/units.ts';
import { type Difference, verifyCycleRecord } from '../../domain/verify-cycle.ts';
import { cycleRecord, minerHotkey, submission, validator } from './cycle-fixture.ts';

const previous = [{ hotkey: minerHotkey(0), uid: uid(0), score: 0.5 }];
const copied = submission(2, {
  modelHash: 'hash0',
  commitBlock: blocks(101),
  outcome: 'miner_fault',
  reason: 'copy',
  detail: 'same tensors as 5Miner000',
});
const submissions = [submission(0), submission(1, { lossAfter: 3.5 }), copied];
const record = cycleRecord(submissions, { previous });
const stateOf = (scores: readonly CurrentScore[]) => ({ ...noPast, previous: scores });
const what = (differences: readonly Difference[]) => differences.map((each) => each.what);

describe('the check of a cycle', () => {
  test.each([
    ['completed', record],
    [
      'no improvement',
      cycleRecord([submission(0, { lossAfter: 9 })], { previous, changes: { result: 'no_improvement' } }),
    ],
    ['no submissions', cycleRecord([], { changes: { result: 'no_submissions' } })],
    ['missed', cycleRecord([], { changes: { result: 'missed', seed: null } })],
    [
      'abstained',
      cycleRecord(
        [0, 1, 2].map((number) => submission(number, { outcome: 'our_fault', reason: 'child_died', lossAfter: null })),
        { previous, changes: { result: 'abstained' } },
      ),
    ],
  ] as const)('finds nothing in one that is as it should be: %s', (_name, each) => {
    expect(verifyCycleRecord({ record: each, state: stateOf(each.submissions.length > 0 ? previous : []) })).toEqual(
      [],
    );
  });

  const first = <T>(rows: readonly T[], change: Partial<T>): readonly T[] =>
    rows.map((row, index) => (index === 0 ? { ...row, ...change } : row));

  test.each<readonly [string, Partial<CycleRecord>, readonly Difference['what'][]]>([
    ['a w that its losses do not give', { submissions: first(submissions, { w: 0.9 }) }, ['w', 'score']],
    ['a loss that its w does not give', { submissions: first(submissions, { lossAfter: 2 }) }, ['w']],
    [
      'a copy that was let through',
      { submissions: [...submissions.slice(0, 2), { ...copied, outcome: 'ok', reason: null }] },
      ['copy'],
    ],
    [
      'an honest one called a copy',
      { submissions: first(submissions, { outcome: 'miner_fault', reason: 'copy' }) },
      ['copy'],
    ],
    [
      'a copy of somebody else',
      {
        submissions: [
          ...submissions.slice(0, 2),
          { ...copied, copyOf: { hotkey: minerHotkey(1), measure: 'tensors', similarity: 1 } },
        ],
      },
      ['copy'],
    ],
    ['a score that was raised', { scores: first(record.scores, { after: 0.6 }) }, ['score', 'vector']],
    ['a score that was left out', { scores: record.scores.slice(1) }, ['score', 'vector', 'vector']],
    ['another vector', { vector: first(record.vector, { weight: 7 }) }, ['vector']],
    ['a vector in another order', { vector: record.vector.toReversed() }, ['vector']],
    ['no vector', { vector: [] }, ['vector', 'vector']],
    [
      'another seed',
      { seed: { source: 'validator_commits', combined: 'ff', validators: [{ hotkey: validator, seed: 1 }] } },
      ['seed'],
    ],
    [
      'an abstention without a reason',
      { result: 'abstained', modelAfter: record.modelBefore },
      ['result', 'score', 'score', 'score'],
    ],
    ['a result that says nobody improved', { result: 'no_improvement', modelAfter: record.modelBefore }, ['result']],
    [
      'a model that moved with nobody’s help',
      { ...cycleRecord([], { changes: { result: 'no_submissions' } }), modelAfter: record.modelAfter },
      ['model'],
    ],
    ['a rule that is not known', { scoreRule: { name: 'ranks', version: 1, alpha: 0.9 } }, ['rule']],
  ])('finds %s', (_name, changes, expected) => {
    const changed = { ...record, ...changes };
    const known = changed.submissions.length > 0 ? previous : [];
    expect(what(verifyCycleRecord({ record: changed, state: stateOf(known) }))).toEqual(expected);
  });

  test('finds a registered miner whose score was dropped, where the chain still tells who was registered', () => {
    const gone = { hotkey: minerHotkey(9), uid: uid(9) };
    const known = [...previous, { ...gone, score: 0.5 }];
    const neurons = [...submissions, gone];
    expect(verifyCycleRecord({ record, state: stateOf(known) })).toEqual([]);
    expect(verifyCycleRecord({ record, state: stateOf(known), neurons })).toMatchObject([
      { what: 'score', hotkey: gone.hotkey, recorded: 'missing' },
    ]);
    expect(verifyCycleRecord({ record, state: stateOf(known), neurons: submissions })).toEqual([]);
  });

  test('finds scores that do not go on from the ones before', () => {
    expect(what(verifyCycleRecord({ record, state: noPast }))).toEqual(['score']);
  });
});

describe('the assignment of a cycle', () => {
  const peer = hotkey('5Peer');
  const rows = [0, 1, 2, 3].map((number) => submission(number));
  const validators = [
    { hotkey: validator, seed: 4711 },
    { hotkey: peer, seed: 12 },
  ];
  const seed = { source: 'validator_commits' as const, combined: combineSeeds(validators), validators };
  const miners = rows.map((row) => row.hotkey);
  const assignment = assignmentOf(seed, miners);
  const theirs = assignment.find((each) => each.validator === peer)?.miners ?? [];
  const shared = cycleRecord(rows, { changes: { seed, assignment } });
  const check = (changes: Partial<CycleRecord>) =>
    what(verifyCycleRecord({ record: { ...shared, ...changes }, state: noPast }));

  test('follows from the seed, whoever was late, and for one alone from nothing', () => {
    expect(theirs.length).toBeGreaterThan(0);
    expect(check({})).toEqual([]);
    const alone = { ...seed, source: 'block_hash' as const, validators: [] };
    expect(check({ seed: alone, assignment: [{ validator, miners }] })).toEqual([]);
    expect(check({ seed: alone, assignment: [{ validator: peer, miners }] })).toContain('assignment');
  });

  test('differs where a miner was moved, or judged without being in it', () => {
    const [first, second] = assignment;
    if (first === undefined || second === undefined) throw new Error('two validators');
    const moved = [
      { ...first, miners: [...first.miners, ...second.miners] },
      { ...second, miners: [] },
    ];
    expect(check({ assignment: moved })).toContain('assignment');
    const fewer = assignment.map((each) => ({ ...each, miners: each.miners.filter((miner) => miner !== miners[0]) }));
    expect(check({ assignment: fewer })).toContain('assignment');
  });
});
