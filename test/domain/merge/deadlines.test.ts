import { describe, expect, test } from '@jest/globals';
import { mergeDeadlines } from '../../../domain/merge/deadlines.ts';
import { phaseRange, schedules } from '../../../domain/phases.ts';

describe('the deadlines of a merge', () => {
  test('are two fifths and seven tenths into Merge', () => {
    expect(mergeDeadlines(schedules['connito-472'], 0)).toEqual({ announce: 406 + 19, vouch: 406 + 34 });
    expect(mergeDeadlines(schedules.demo, 1)).toEqual({ announce: 70 + 54 + 2, vouch: 70 + 54 + 4 });
  });

  test.each(Object.values(schedules))('of $name lie within Merge, in order', (schedule) => {
    const { start, end } = phaseRange(schedule, 3, 'Merge');
    const { announce, vouch } = mergeDeadlines(schedule, 3);
    expect(start <= announce && announce <= vouch && vouch <= end).toBe(true);
  });
});
