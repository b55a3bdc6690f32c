import { describe, expect, test } from '@jest/globals';
import type { Agreement } from '../../../domain/agreement/record.ts';
import type { CycleRecord, SubmissionRecord } from '../../../domain/cycle-record.ts';
import { explain } from '../../../domain/explain/explain.ts';
import type { Explanation } from '../../../domain/explain/explanation.ts';
import { noPast, stateAfter } from '../../../domain/scoring/past.ts';
import { ruleOf } from '../../../domain/scoring/rule.ts';
import { blocks, hotkey, uid } from '../../../domain/units.ts';
import { cycleRecord, minerHotkey, submission, validator } from '../cycle-fixture.ts';

const noAgreement: Agreement = {
  full: true,
  result: 'agreed',
  directoryBlock: blocks(0),
  digestsBy: blocks(0),
  tablesBy: blocks(0),
  heardRao: '0',
  totalRao: '0',
  peers: [],
  values: [],
  contested: [],
  tables: [],
};
const one = minerHotkey(1);
const previous = [{ hotkey: one, uid: uid(1), score: 0.5 }];
const about = (record: CycleRecord, of = one): Explanation =>
  explain({ record, root: 'the root', hotkey: of, state: { ...noPast, previous }, write: null });
const cycleOf = (changes: Partial<SubmissionRecord> = {}, record: Partial<CycleRecord> = {}) =>
  cycleRecord([submission(1, changes)], { previous, changes: record });
const text = (explanation: Explanation, step: string) =>
  explanation.steps.find((each) => each.step === step)?.text ?? '';

describe('the explanation of a score', () => {
  test('goes from the commitment to the weight, with the blocks and artefacts of each step', () => {
    const told = about(cycleOf());
    expect(told.found).toBe(true);
    expect(told.answer).toBe('Its score is 0.475, because its file was accepted with w_i 0.25.');
    expect(told.steps.map(({ step }) => step)).toEqual([
      'cycle',
      'commitment',
      'file',
      'losses',
      'verdict',
      'score',
      'weight',
      'where',
    ]);
    expect(text(told, 'commitment')).toBe(
      'It committed the tensor hash hash1 for group 1, in block 100 as extrinsic 1.',
    );
    expect(text(told, 'file')).toContain('1001 bytes and the SHA-256 digest1');
    expect(text(told, 'losses')).toContain("the base's mean loss is 4 and that with its group is 3");
    expect(text(told, 'losses')).toContain('w_i = (4 − 3) / 4 = 0.25');
    expect(text(told, 'score')).toBe('The score is 0.9 · 0.5 + 0.1 · 0.25 = 0.475.');
    expect(text(told, 'weight')).toContain('65535 of 65535, a share of 100 %');
    expect(text(told, 'where')).toContain('submission/1 in Temporal');
    expect(told.steps.at(-1)?.refs).toMatchObject({ workflowId: 'submission/1', root: 'the root' });
  });

  test('names where the vector is on chain', () => {
    const write = { outcome: 'included', block: 123, extrinsicHash: '0xabc' };
    const told = explain({ record: cycleOf(), root: '', hotkey: one, state: noPast, write });
    expect(text(told, 'weight')).toContain('in block 123, extrinsic 0xabc');
  });

  test.each<readonly [string, Partial<SubmissionRecord>, string, string]>([
    [
      'a copy',
      {
        outcome: 'miner_fault',
        reason: 'copy',
        detail: 'same tensors as 5Other',
        copyOf: { hotkey: hotkey('5Other'), measure: 'tensors', similarity: 1 },
        commitBlock: blocks(101),
      },
      'Its score is 0.45, because its submission is a copy of that of 5Other, observed as 0.',
      'The miner’s own fault: it is a copy of a submission that was committed earlier (same tensors as 5Other).',
    ],
    [
      'a file of other tensors',
      { outcome: 'miner_fault', reason: 'hash', detail: 'they hash to ff', lossBefore: null, lossAfter: null },
      'Its score is 0.45, because its submission failed by its own fault (hash), observed as 0.',
      'The miner’s own fault: the file’s tensors do not hash to what it committed (they hash to ff).',
    ],
    [
      'our own failure',
      { outcome: 'our_fault', reason: 'evaluator', detail: 'out of memory', lossBefore: null, lossAfter: null },
      'Its score is 0.5, as before: its submission could not be judged by our fault (evaluator).',
      'Our fault, which costs the miner nothing: our evaluator failed in every attempt (out of memory).',
    ],
    [
      'a miner of another validator that is away',
      { outcome: 'unknown', reason: 'peer_absent', detail: '', lossBefore: null, lossAfter: null },
      'Its score is 0.5, as before: nothing is known of its submission here (peer_absent).',
      'Unknown, which costs the miner nothing: it is assigned to another validator, which is away or has no file of it.',
    ],
    [
      'a commitment of no use',
      {
        outcome: 'miner_fault',
        reason: 'no_signature',
        detail: 'MinerCommit1 holds no signature',
        modelHash: null,
        digest: null,
        lossBefore: null,
        lossAfter: null,
      },
      'Its score is 0.45, because its submission failed by its own fault (no_signature), observed as 0.',
      'The miner’s own fault: it wrote no signature on chain in MinerCommit1, so the hash might be somebody else’s (MinerCommit1 holds no signature).',
    ],
  ])('says plainly what became of %s', (_name, changes, answer, verdict) => {
    const earlier = submission(0, { hotkey: hotkey('5Other'), modelHash: 'hash1', group: 1 });
    const told = about(cycleRecord([earlier, submission(1, { ...changes, w: null })], { previous }));
    expect(told.answer).toBe(answer);
    expect(text(told, 'verdict')).toBe(verdict);
  });

  test('of a miner that has a score and did nothing says so', () => {
    const record = cycleRecord([submission(2)], { others: [1], previous });
    const told = about(record);
    expect(told.answer).toBe('Its score is 0.45, because it did nothing in this cycle.');
    expect(text(told, 'score')).toContain('observed as 0');
  });

  test.each([
    ['was abstained from', 'abstained'],
    ['nobody worked on', 'missed'],
  ] as const)('of a cycle that %s says that no score moved', (_name, result) => {
    const told = about(cycleOf({}, { result }));
    expect(told.answer).toBe(`Its score is 0.5, because the cycle was ${result} and moved nobody's score.`);
    expect(text(told, 'weight')).toContain('No vector was asked for');
  });

  test.each([
    ['a stranger', cycleOf(), hotkey('5Stranger'), 'It is not in this cycle'],
    ['the validator itself', cycleOf(), validator, 'It is the validator itself'],
    ['anybody in a missed cycle', cycleRecord([], { changes: { result: 'missed' } }), one, 'No validator worked on'],
  ])('of %s says why there is none', (_name, record, of, answer) => {
    const told = about(record, of);
    expect(told.found).toBe(false);
    expect(told.answer).toContain(answer);
  });

  test('of ranks has the points, the group and the share', () => {
    const rule = ruleOf('ranked', 0.9);
    const peerWeights = [{ validator, top: [{ hotkey: one, uid: uid(1), share: 0.9 }] }];
    const records: CycleRecord[] = [];
    for (const cycle of [1, 2, 3]) {
      const rows = [submission(1), submission(2, { lossAfter: 3.5 })];
      records.unshift(cycleRecord(rows, { cycle, rule, state: stateAfter(rule, records), changes: { peerWeights } }));
    }
    const [record, ...past] = records;
    if (record === undefined) throw new Error('a cycle');
    const told = explain({ record, root: '', hotkey: one, state: stateAfter(rule, past), write: null });
    expect(text(told, 'score')).toContain('It gets 2.25 points in this cycle');
    expect(text(told, 'score')).toContain('the mean of 2.25, 2.25, 2.25: 2.25');
    expect(text(told, 'weight')).toContain('It is in group A with 3 points kept');
    expect(text(told, 'weight')).toContain('one of the three that share 98 %');
  });

  test('of what the validators agreed on has the median, which takes the place of our own verdict', () => {
    const values = [{ hotkey: one, w: 0.125, lossBefore: 4, voters: 3, stakeRao: '10' }];
    const told = about(cycleOf({}, { agreement: { ...noAgreement, totalRao: '12', values } }));
    expect(told.answer).toBe('Its score is 0.475, because the validators agreed on w_i 0.125 for its file.');
    expect(text(told, 'agreement')).toBe(
      'The agreed value is w_i = 0.125, the median of 3 validators with 83.3 % of the stake, and that is what counts; ' +
        'its own value is 0.25.',
    );
    const blind = about(
      cycleOf({ outcome: 'our_fault', reason: 'evaluator' }, { agreement: { ...noAgreement, values } }),
    );
    expect(text(blind, 'agreement')).toContain('this validator has no value of its own');
  });

  test('says where nothing was agreed and the own value stands', () => {
    const contested = about(cycleOf({}, { agreement: { ...noAgreement, contested: [one] } }));
    expect(text(contested, 'agreement')).toContain('contested');
    const peers = [1, 2, 3].map((number) => ({
      hotkey: hotkey(`5V${number}`),
      stakeRao: '10',
      outcome: number === 1 ? ('agreed' as const) : ('absent' as const),
      detail: null,
      digest: null,
    }));
    const alone = { ...noAgreement, full: false, result: 'alone' as const, heardRao: '10', totalRao: '30', peers };
    expect(text(about(cycleOf({}, { agreement: alone })), 'agreement')).toBe(
      'Heard the scores of 1 of 3 validators, 33.3 % of the stake, less than half: publishing own values.',
    );
    expect(text(about(cycleOf({}, { agreement: noAgreement })), 'agreement')).toBe('');
  });

  test('of a rule that a later version wrote still shows the score', () => {
    const told = about(cycleOf({}, { scoreRule: { name: 'whim', version: 9 } }));
    expect(text(told, 'score')).toContain('a rule that is not known here');
  });

  test('mentions what a commitment without a known place is', () => {
    const told = about(cycleOf({ commitBlock: blocks(7), commitIndex: null }));
    expect(text(told, 'commitment')).toBe('It committed the tensor hash hash1 for group 1, in block 7.');
  });
});
