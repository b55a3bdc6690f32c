import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  blocksUntilNextPhase,
  contradiction,
  lengthsOf,
  phaseResponse,
  previousPhaseBlocks,
  scheduleIndex,
  scheduleOf,
} from '../../domain/phase-service.ts';
import { cycleLength, phaseNames, type Schedule, schedules } from '../../domain/phases.ts';
import { blocks } from '../../domain/units.ts';

const length = fc.integer({ min: 1, max: 400 });
const lengths = fc.tuple(length, length, length, length, length, length, length, length, length);
const schedule = lengths.map((each): Schedule => ({ name: 'any', lengths: each }));
const block = fc.nat(10_000_000);

describe('the phase of a block', () => {
  test('has the originals’ names and numbers', () => {
    expect(phaseResponse(schedules['connito-472'], 12345)).toEqual({
      block: 12345,
      cycle_length: 472,
      cycle_index: 26,
      cycle_block_index: 73,
      phase_name: 'Train',
      phase_index: 1,
      phase_start_block: 12292,
      phase_end_block: 12591,
      blocks_into_phase: 53,
      blocks_remaining_in_phase: 246,
    });
    expect(phaseResponse(schedules['mycelia-45'], 12345)).toMatchObject({ cycle_index: 274, cycle_block_index: 15 });
    expect(phaseResponse(schedules['connito-500'], 12345)).toMatchObject({
      cycle_index: 24,
      phase_name: 'Submission',
      phase_start_block: 12340,
      phase_end_block: 12419,
    });
  });

  test('ends with no block remaining, and begins with none gone by', () => {
    expect(phaseResponse(schedules['connito-472'], 12591)).toMatchObject({
      phase_name: 'Train',
      blocks_remaining_in_phase: 0,
    });
    expect(phaseResponse(schedules['connito-472'], 12592)).toMatchObject({
      phase_name: 'MinerCommit1',
      blocks_into_phase: 0,
    });
  });

  test('is everybody’s, whatever this deployment counts from', () => {
    const anchored = { ...schedules['connito-472'], anchor: { block: blocks(11_800), cycle: 900 } };
    expect(phaseResponse(anchored, 12345)).toEqual(phaseResponse(schedules['connito-472'], 12345));
    expect(previousPhaseBlocks(anchored, 12345)).toEqual(previousPhaseBlocks(schedules['connito-472'], 12345));
  });
});

describe('the ranges around a block', () => {
  test('are the next ones with their distance, and the ones a cycle before', () => {
    // Block 12345 of connito-500 is offset 345: Submission began five blocks ago, Validate begins in 75.
    const next = blocksUntilNextPhase(schedules['connito-500'], 12345);
    expect([next.Validate, next.Submission]).toEqual([
      [12420, 12429, 75],
      [12840, 12919, 495],
    ]);
    const previous = previousPhaseBlocks(schedules['connito-500'], 12345);
    expect([previous.Validate, previous.Submission]).toEqual([
      [11920, 11929],
      [12340, 12419],
    ]);
  });

  test('change on a phase’s second block: until then its previous one is the last cycle’s', () => {
    const first = 12340;
    const of = (number: number) => previousPhaseBlocks(schedules['connito-500'], number).Submission;
    expect([of(first), of(first + 1)]).toEqual([
      [11840, 11919],
      [12340, 12419],
    ]);
    expect(blocksUntilNextPhase(schedules['connito-500'], first).Submission).toEqual([12340, 12419, 0]);
    expect(blocksUntilNextPhase(schedules['connito-500'], first + 1).Submission[2]).toBe(499);
  });

  test('begin within one cycle from the block on, in every schedule', () => {
    fc.assert(
      fc.property(schedule, block, (given, number) => {
        const next = blocksUntilNextPhase(given, number);
        for (const phase of phaseNames) {
          const [start, end, until] = next[phase];
          expect(start - number).toBe(until);
          expect(until >= 0 && until < cycleLength(given)).toBe(true);
          expect(end - start + 1).toBe(given.lengths[phaseNames.indexOf(phase)]);
        }
      }),
    );
  });
});

describe('an index of phases', () => {
  test('gives its lengths back, by the name that they ship under', () => {
    for (const known of Object.values(schedules)) {
      const read = lengthsOf(scheduleIndex(known));
      expect(read).toEqual(known.lengths);
      expect(typeof read === 'string' ? null : scheduleOf(read)).toEqual(known);
    }
    fc.assert(fc.property(schedule, (given) => expect(lengthsOf(scheduleIndex(given))).toEqual(given.lengths)));
    expect(scheduleOf([1, 2, 3, 4, 5, 6, 7, 8, 9]).name).toBe('1-2-3-4-5-6-7-8-9');
  });

  test('may come in any order, and is refused where it is not the nine, or not their sum', () => {
    const index = scheduleIndex(schedules.demo);
    const phases = index.phases;
    expect(lengthsOf({ ...index, phases: phases.toReversed() })).toEqual(schedules.demo.lengths);
    const broken = [
      { ...index, cycle_length: 71 },
      { ...index, phases: phases.slice(1) },
      { ...index, phases: [...phases, { index: 9, name: 'Merge', length: 1 } as const] },
      { ...index, phases: phases.map((each) => ({ ...each, index: 0 })) },
      { cycle_length: 64, phases: phases.map((each) => (each.index === 0 ? { ...each, length: 0 } : each)) },
      { cycle_length: 64.5, phases: phases.map((each) => (each.index === 0 ? { ...each, length: 0.5 } : each)) },
    ];
    for (const each of broken) expect(typeof lengthsOf(each)).toBe('string');
  });

  test('fits what the same service says of a block, or else it is told where it does not', () => {
    fc.assert(
      fc.property(schedule, block, (given, number) => {
        expect(contradiction(given.lengths, phaseResponse(given, number))).toBeNull();
      }),
    );
    const said = phaseResponse(schedules['connito-500'], 12345);
    expect(contradiction(schedules['connito-472'].lengths, said)).toBe(
      'cycle_length is 500 at block 12345, its lengths give 472',
    );
    expect(contradiction(schedules.demo.lengths, { ...said, block: -1 })).toBe('its block is -1');
  });
});
