import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { phaseNames } from '../../../domain/phases.ts';
import type { Noted } from './death.ts';
import { packPoints } from './pack.ts';
import type { Point } from './point.ts';

const who = fc.constantFrom('validator', 'validator signer', 'miner', 'server');
const phase = fc.constantFrom(...phaseNames);

/** A course of activities, and points at some of them or from outside. */
const course = fc.record({
  begun: fc.array(fc.record({ by: who, name: fc.constantFrom('a', 'b', 'c', 'd', 'e') }), { maxLength: 60 }),
  starts: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: phaseNames.length, maxLength: phaseNames.length }),
  strikes: fc.array(
    fc.record({
      of: who,
      at: phase,
      holds: fc.option(fc.constantFrom('an upload', 'a download'), { nil: undefined }),
      alone: fc.option(fc.array(phase, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    }),
    { maxLength: 20 },
  ),
  seed: fc.integer({ min: 1, max: 5 }),
  size: fc.integer({ min: 1, max: 9 }),
});

type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;

function given({ begun, starts, strikes }: Course) {
  const noted: readonly Noted[] = begun.map((each) => ({ ...each, kind: 'begun' }));
  const sorted = starts.toSorted((a, b) => a - b);
  const phases = Object.fromEntries(phaseNames.map((name, index) => [name, sorted[index] ?? 0]));
  const points: readonly Point[] = [
    ...begun.map(({ by, name }, index): Point => {
      const death = { by, activity: name, moment: 'after', occurrences: 1 } as const;
      return { name: `death ${index}`, ways: [{ kind: 'death', death }] };
    }),
    ...strikes.map(({ of, at, holds, alone }, index): Point => {
      const strike = { of, at, ...(holds === undefined ? {} : { holds }), ...(alone === undefined ? {} : { alone }) };
      return { name: `strike ${index}`, ways: [{ kind: 'strike', strike }] };
    }),
  ];
  return { points, calm: { noted, phases } };
}

describe('packing points into runs', () => {
  test('puts each point into one run', () => {
    fc.assert(
      fc.property(course, (input) => {
        const { points, calm } = given(input);
        const packed = packPoints(points, input.seed, calm, input.size).flat();
        expect(packed.map(({ name }) => name).toSorted()).toEqual(points.map(({ name }) => name).toSorted());
      }),
    );
  });

  test('puts no two into a run that need the same thing for themselves', () => {
    fc.assert(
      fc.property(course, (input) => {
        const { points, calm } = given(input);
        for (const pack of packPoints(points, input.seed, calm, input.size)) {
          const held = pack.flatMap(({ ways: [way] }) => (way?.kind === 'strike' ? (way.strike.holds ?? []) : []));
          expect(new Set(held).size).toBe(held.length);
        }
      }),
    );
  });

  test('puts no two into a run that end one process at one call', () => {
    fc.assert(
      fc.property(course, (input) => {
        const { points, calm } = given(input);
        for (const pack of packPoints(points, input.seed, calm, input.size)) {
          const calls = pack.flatMap(({ ways: [way] }) =>
            way?.kind === 'death' ? [`${way.death.by} ${way.death.activity}`] : [],
          );
          expect(new Set(calls).size).toBe(calls.length);
        }
      }),
    );
  });

  test('makes no more runs than it must where points do not disturb each other', () => {
    const noted: readonly Noted[] = Array.from({ length: 60 }, (_, index) => ({
      ...{ by: `process ${index}`, name: 'a', kind: 'begun' },
    }));
    const points = noted.map(({ by }): Point => {
      return {
        name: by,
        ways: [{ kind: 'death', death: { by, activity: 'a', moment: 'after', occurrences: 1 } }],
      };
    });
    const packs = packPoints(points, 1, { noted, phases: {} }, 7);
    expect(packs.map(({ length }) => length)).toEqual([7, 7, 7, 7, 7, 7, 6, 6, 6]);
    // Spread over the course: neighbours in a run are as far apart as runs are many.
    expect(packs[0]?.map(({ name }) => name)).toEqual([0, 9, 18, 27, 36, 45, 54].map((index) => `process ${index}`));
  });
});
