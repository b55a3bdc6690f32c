import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinAsMiner } from '../../domain/miner-plan.ts';
import { cycleLength, phaseRange, schedules } from '../../domain/phases.ts';

describe('a miner joins', () => {
  // Train of connito-472 ends with block 319 of the cycle.
  test.each([
    ['in Distribute: the cycle at hand', 4720, null, 10],
    ['on the last block of Train: the cycle at hand', 5039, null, 10],
    ['as MinerCommit1 begins: the next, for it has nothing to commit', 5040, null, 11],
    ['on the last block of a cycle: the next', 5191, null, 11],
    ['after a finished cycle: no earlier than the next', 4720, 11, 11],
    ['after a long absence: the cycle at hand', 4720, 3, 10],
  ] as const)('%s', (_name, head, next, expected) => {
    expect(joinAsMiner(schedules['connito-472'], head, next)).toBe(expected);
  });

  test('the first cycle not done yet in which there is time left to train', () => {
    const any = fc.constantFrom('mycelia-45', 'connito-472', 'connito-500', 'demo').map((name) => schedules[name]);
    fc.assert(
      fc.property(any, fc.nat(2_000_000), fc.option(fc.nat(5), { nil: null }), (schedule, head, ahead) => {
        const current = Math.floor(head / cycleLength(schedule));
        const next = ahead === null ? null : Math.max(0, current - 2 + ahead);
        const cycle = joinAsMiner(schedule, head, next);
        const timeLeft = (each: number) => head <= phaseRange(schedule, each, 'Train').end;
        expect(timeLeft(cycle)).toBe(true);
        expect(cycle).toBeGreaterThanOrEqual(next ?? 0);
        const earlier = cycle - 1;
        expect(earlier >= (next ?? 0) && timeLeft(earlier)).toBe(false);
      }),
    );
  });
});
