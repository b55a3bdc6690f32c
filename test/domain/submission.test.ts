import { expect, test } from '@jest/globals';
import { cycleScores } from '../../domain/scores.ts';
import { emptySubmission } from '../../domain/submission.ts';
import { blocks, uid } from '../../domain/units.ts';
import { minerHotkey } from './cycle-fixture.ts';

const entry = {
  hotkey: minerHotkey(1),
  uid: uid(1),
  group: 2,
  modelHash: 'ab'.repeat(24),
  version: 0,
  artifact: { kind: 'pushed' as const },
  commitBlock: blocks(39),
  commitIndex: 3,
  fault: null,
};

test('a submission of which only the commitment is known says so, and leaves the score as it is', () => {
  const record = emptySubmission(entry, 'submission/1');
  expect(record).toMatchObject({ hotkey: entry.hotkey, group: 2, commitBlock: 39, commitIndex: 3, outcome: 'unknown' });
  expect([record.digest, record.lossBefore, record.lossAfter, record.w]).toEqual([null, null, null, null]);
  const seat = { hotkey: entry.hotkey, uid: entry.uid };
  const previous = [{ ...seat, score: 0.5 }];
  expect(cycleScores('completed', { previous, neurons: [seat], submissions: [record], alpha: 0.9 })).toEqual([
    { ...seat, before: 0.5, observation: null, after: 0.5 },
  ]);
});
