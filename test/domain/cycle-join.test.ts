import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinCycle } from '../../domain/cycle-join.ts';
import { cycleLength, phaseRange, schedules } from '../../domain/phases.ts';

const schedule = schedules['mycelia-45'];
const names = ['mycelia-45', 'connito-472', 'connito-500', 'demo'] as const;

describe('a validator joins', () => {
  // Merge of mycelia-45 is block 42 of the cycle.
  test.each([
    ['a fresh one at genesis: the cycle at hand', 0, null, 0, []],
    ['a fresh one in Train: the cycle at hand', 450, null, 10, []],
    ['a fresh one on the last block before Merge: the cycle at hand', 491, null, 10, []],
    ['a fresh one as Merge begins: the next one, with the one at hand missed', 492, null, 11, [10]],
    ['a fresh one on the last block of the cycle: likewise', 494, null, 11, [10]],
    ['one that goes on at once: its next cycle', 450, 10, 10, []],
    ['one that is early: the next cycle, which has not begun', 448, 10, 10, []],
    ['one that restarts in time: the same cycle', 480, 10, 10, []],
    ['one that restarts too late: the next, with its own missed', 493, 10, 11, [10]],
    ['one that was away for cycles: the one at hand, with all between missed', 580, 9, 12, [9, 10, 11]],
    ['one that was away and is late as well', 583, 9, 13, [9, 10, 11, 12]],
    ['one whose ledger is ahead of the chain: waits for its cycle', 450, 14, 14, []],
  ] as const)('%s', (_name, head, next, cycle, skipped) => {
    expect(joinCycle(schedule, head, next)).toEqual({ cycle, skipped });
  });

  const inputs = fc.record({
    schedule: fc.constantFrom(...names).map((name) => schedules[name]),
    head: fc.nat(2_000_000),
    back: fc.option(fc.integer({ min: -3, max: 20 }), { nil: null }),
  });

  test('never leaves a cycle out: what is not worked on is named as missed, in order, up to the one that is joined', () => {
    fc.assert(
      fc.property(inputs, ({ schedule: any, head, back }) => {
        const current = Math.floor(head / cycleLength(any));
        const next = back === null ? null : Math.max(0, current - back);
        const { cycle, skipped } = joinCycle(any, head, next);
        const first = skipped[0] ?? cycle;
        expect([...skipped, cycle]).toEqual(Array.from({ length: cycle - first + 1 }, (_, index) => first + index));
        if (next !== null) expect(first).toBe(next);
        else expect(first).toBe(current);
      }),
    );
  });

  test('never joins a cycle whose Merge has begun, and never waits for a later one than it must', () => {
    fc.assert(
      fc.property(inputs, ({ schedule: any, head, back }) => {
        const current = Math.floor(head / cycleLength(any));
        const next = back === null ? null : Math.max(0, current - back);
        const { cycle } = joinCycle(any, head, next);
        expect(head).toBeLessThan(phaseRange(any, cycle, 'Merge').start);
        const earlier = cycle - 1;
        const joinable = earlier >= (next ?? 0) && head < phaseRange(any, earlier, 'Merge').start;
        expect(joinable).toBe(false);
      }),
    );
  });
});
