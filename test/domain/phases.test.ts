import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  cycleLength,
  phaseAt,
  phaseNames,
  phaseRange,
  phaseRanges,
  type Schedule,
  schedules,
} from '../../domain/phases.ts';

/** Schedules as an owner might set them: any lengths, single-block phases included. */
const length = fc.integer({ min: 1, max: 400 });
const lengths = fc.tuple(length, length, length, length, length, length, length, length, length);
const schedule = lengths.map((each): Schedule => ({ name: 'any', lengths: each }));

describe('a schedule that ships', () => {
  test.each([
    ['mycelia-45', 45],
    ['connito-472', 472],
    ['connito-500', 500],
    ['demo', 70],
  ] as const)('%s has cycles of %i blocks', (name, length) => {
    expect(cycleLength(schedules[name])).toBe(length);
    expect(schedules[name].name).toBe(name);
  });

  // Both ends belong to the phase: the originals' ranges are inclusive.
  test.each([
    ['mycelia-45', ['0–4', '5–34', '35–36', '37–39', '40–40', '41–41', '42–42', '43–43', '44–44']],
    ['connito-472', ['0–19', '20–319', '320–327', '328–335', '336–355', '356–405', '406–455', '456–463', '464–471']],
    ['connito-500', ['0–19', '20–319', '320–329', '330–339', '340–419', '420–429', '430–479', '480–489', '490–499']],
  ] as const)('%s has its phases where the originals have them', (name, expected) => {
    const ranges = phaseRanges(schedules[name], 0);
    expect(ranges.map(({ start, end }) => `${start}–${end}`)).toEqual(expected);
    expect(ranges.map(({ phase }) => phase)).toEqual(phaseNames);
  });
});

describe('a block', () => {
  test.each([
    ['mycelia-45', 12345, { cycle: 274, offset: 15, phase: 'Train', start: 12335, end: 12364 }],
    ['connito-472', 12345, { cycle: 26, offset: 73, phase: 'Train', start: 12292, end: 12591 }],
    ['connito-500', 12345, { cycle: 24, offset: 345, phase: 'Submission', start: 12340, end: 12419 }],
    ['mycelia-45', 12379, { offset: 4, phase: 'Distribute' }],
    ['connito-472', 12379, { offset: 107, phase: 'Train' }],
    ['connito-500', 12379, { offset: 379, phase: 'Submission' }],
    ['mycelia-45', 12389, { offset: 14, phase: 'Train' }],
    ['connito-472', 12389, { offset: 117, phase: 'Train' }],
    ['connito-500', 12389, { offset: 389, phase: 'Submission' }],
    ['mycelia-45', 2150493, { offset: 33, phase: 'Train' }],
    ['connito-472', 2150493, { offset: 61, phase: 'Train' }],
    ['connito-500', 2150493, { offset: 493, phase: 'ValidatorCommit2' }],
  ] as const)('of %s, number %i, lies where the originals say', (name, block, expected) => {
    expect(phaseAt(schedules[name], block)).toMatchObject(expected);
  });

  test.each([
    [39, 'MinerCommit2', 2, 0],
    [40, 'Submission', 0, 0],
    [44, 'ValidatorCommit2', 0, 0],
    [45, 'Distribute', 0, 4],
    [34, 'Train', 29, 0],
  ] as const)('%i of mycelia-45 is in %s, %i blocks into it with %i left', (block, phase, blocksInto, blocksLeft) => {
    expect(phaseAt(schedules['mycelia-45'], block)).toMatchObject({ phase, blocksInto, blocksLeft });
  });

  test('before genesis is in no phase', () => {
    expect(() => phaseAt(schedules.demo, -1)).toThrow(RangeError);
  });

  test('is in exactly the one phase whose range holds it', () => {
    fc.assert(
      fc.property(schedule, fc.nat(20_000_000), (any, block) => {
        const at = phaseAt(any, block);
        const holding = phaseRanges(any, at.cycle).filter(({ start, end }) => start <= block && block <= end);
        expect(holding).toEqual([{ phase: at.phase, start: at.start, end: at.end }]);
        expect(phaseNames[at.index]).toBe(at.phase);
        expect(at.cycleStart + at.offset).toBe(block);
        expect(at.blocksInto + at.blocksLeft + 1).toBe(at.end - at.start + 1);
      }),
    );
  });
});

test('the ranges of a cycle follow each other without gap or overlap, from cycle to cycle', () => {
  fc.assert(
    fc.property(schedule, fc.nat(50_000), (any, cycle) => {
      const ranges = phaseRanges(any, cycle);
      const next = phaseRanges(any, cycle + 1);
      expect(ranges).toHaveLength(phaseNames.length);
      expect(ranges[0]?.start).toBe(cycle * cycleLength(any));
      for (const [index, { end }] of ranges.entries()) {
        expect((ranges[index + 1] ?? next[0])?.start).toBe(end + 1);
      }
      for (const range of ranges) expect(phaseRange(any, cycle, range.phase)).toEqual(range);
    }),
  );
});
