import { describe, expect, test } from '@jest/globals';
import { agreementDeadlines } from '../../../domain/agreement/deadlines.ts';
import { phaseRange, type Schedule, schedules } from '../../../domain/phases.ts';

const minute = 60_000;

describe('the deadlines of an agreement', () => {
  test.each<readonly [string, Schedule, number, number, number, number]>([
    ['five blocks of 12 s in a minute', schedules['connito-472'], minute, 12_000, 2, 5],
    ['ten blocks in two minutes', schedules['connito-472'], 2 * minute, 12_000, 4, 10],
    ['no longer than Merge', schedules.demo, minute, 1000, 3, 7],
    ['a Merge of one block: until the last of the cycle', schedules['mycelia-45'], minute, 12_000, 0, 2],
    ['a timeout shorter than a block has one for each round', schedules['connito-472'], 1000, 12_000, 0, 2],
    ['a chain that does not say how long its blocks take', schedules.demo, minute, 0, 3, 7],
  ])('%s', (_name, schedule, timeoutMs, blockTimeMs, digests, tables) => {
    const { start } = phaseRange(schedule, 3, 'Merge');
    expect(agreementDeadlines(schedule, 3, { timeoutMs, blockTimeMs })).toEqual({
      digests: start + digests,
      tables: start + tables,
    });
  });
});
