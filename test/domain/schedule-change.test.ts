import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinCycle } from '../../domain/cycle-join.ts';
import {
  cycleIndex,
  cycleLength,
  cycleOfIndex,
  phaseAt,
  phaseRange,
  type Schedule,
  schedules,
} from '../../domain/phases.ts';
import { scheduleAfter } from '../../domain/schedule-change.ts';

const length = fc.integer({ min: 1, max: 60 });
const lengths = fc.tuple(length, length, length, length, length, length, length, length, length);
const schedule = lengths.map((each): Schedule => ({ name: each.join('-'), lengths: each }));
const { 'connito-472': old, 'connito-500': longer, 'mycelia-45': shorter } = schedules;

describe('a schedule of other lengths', () => {
  test('begins where everybody has a cycle begin, once the old cycle is over, and counts on', () => {
    // Cycle 26 of 472 blocks ends at 12743; cycles of 500 begin at 13000.
    const { schedule: next, changed, between } = scheduleAfter({ schedule: old, cycle: 26 }, longer);
    expect([changed, between]).toEqual([true, { start: 12744, end: 12999 }]);
    expect(phaseRange(next, 27, 'Distribute')).toMatchObject({ start: 13_000, end: 13_019 });
    expect(phaseAt(next, 13_345)).toMatchObject({ cycle: 27, phase: 'Submission', offset: 345 });
    expect([cycleIndex(next, 27), cycleOfIndex(next, 26), cycleOfIndex(next, 25)]).toEqual([26, 27, null]);
  });

  test('leaves the validator no cycle twice where the numbers would fall back, and none out where they would leap', () => {
    for (const given of [longer, shorter]) {
      const { schedule: next } = scheduleAfter({ schedule: old, cycle: 26 }, given);
      // As it plans on the last block of the old cycle.
      expect(joinCycle(next, 12_743, 27)).toEqual({ cycle: 27, skipped: [] });
      // A validator that was away for long has missed what it missed, in cycles of the new lengths.
      const { start } = phaseRange(next, 30, 'Train');
      expect(joinCycle(next, start, 27)).toEqual({ cycle: 30, skipped: [27, 28, 29] });
    }
  });

  test('that are the same after all changes nothing, whatever it is called', () => {
    expect(scheduleAfter({ schedule: old, cycle: 26 }, { ...old, name: 'other' })).toEqual({
      schedule: { ...old, name: 'other' },
      changed: false,
      between: null,
    });
    expect(scheduleAfter(null, old)).toEqual({ schedule: old, changed: false, between: null });
  });

  test('never has two cycles of one number, nor two cycles on one block, however often it changes', () => {
    fc.assert(
      fc.property(fc.array(schedule, { minLength: 1, maxLength: 6 }), fc.nat(50), (all, first) => {
        let current = scheduleAfter(null, all[0] ?? old).schedule;
        let cycle = first;
        for (const given of all) {
          const before = phaseRange(current, cycle, 'ValidatorCommit2').end;
          const { schedule: next, between } = scheduleAfter({ schedule: current, cycle }, given);
          const { start } = phaseRange(next, cycle + 1, 'Distribute');
          expect(start).toBeGreaterThan(before);
          expect(start - before - 1).toBe(between === null ? 0 : between.end - between.start + 1);
          expect(start % cycleLength(given)).toBe(0);
          expect(start - before).toBeLessThanOrEqual(cycleLength(given));
          expect(cycleOfIndex(next, cycleIndex(next, cycle + 1))).toBe(cycle + 1);
          [current, cycle] = [next, cycle + 1];
        }
      }),
    );
  });
});
