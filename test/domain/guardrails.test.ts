import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HotkeyWeight } from '../../domain/chain-write.ts';
import type { ScoreRecord } from '../../domain/cycle-record.ts';
import {
  type GuardrailLimits,
  problemOf,
  type ReviewInput,
  rescale,
  reviewVector,
  sharesOf,
  stillSeated,
} from '../../domain/guardrails.ts';
import { weightVector } from '../../domain/scores.ts';
import { blocks, uid } from '../../domain/units.ts';
import { minerHotkey, submission, validator } from './cycle-fixture.ts';

const limits: GuardrailLimits = { minCoverage: 0.5, maxMovement: 0.3, maxShare: 0.8, maxDeparted: 0.2 };
const score = (number: number, after: number): ScoreRecord => ({
  hotkey: minerHotkey(number),
  uid: uid(number),
  before: null,
  observation: after,
  after,
});
const seat = (number: number, seated = number) => ({ hotkey: minerHotkey(number), uid: uid(seated) });

/** Miners 1 to n with the given scores, all judged, all seated, and no vector before. */
function input(scores: readonly number[], changes: Partial<ReviewInput['facts']> = {}): ReviewInput {
  const rows = scores.map((after, index) => score(index + 1, after));
  return {
    scores: rows,
    vector: weightVector(rows, validator),
    submissions: rows.map((_, index) => submission(index + 1)),
    assigned: rows.map(({ hotkey }) => hotkey),
    facts: {
      block: blocks(100),
      seats: rows.map((_, index) => seat(index + 1)),
      minAllowedWeights: 1,
      maxUids: 256,
      lastUpdate: blocks(0),
      tempoStart: blocks(0),
      lastGood: null,
      ...changes,
    },
    limits,
  };
}

const kinds = (reviewed: ReturnType<typeof reviewVector>) => reviewed.trips.map(({ kind }) => kind);
const weights = (...pairs: readonly (readonly [number, number])[]): readonly HotkeyWeight[] =>
  pairs.map(([number, weight]) => ({ hotkey: minerHotkey(number), weight }));

describe('a vector under review', () => {
  test('goes out as the scores gave it where nothing is wrong with it', () => {
    const given = input([0.2, 0.1, 0.1]);
    expect(reviewVector(given)).toMatchObject({ vector: given.vector, departed: [], trips: [] });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -0.1])('is held back by a score of %d', (bad) => {
    const given = input([0.2, 0.1, bad]);
    expect(reviewVector(given).trips).toContainEqual({ kind: 'not_a_number', hotkeys: [minerHotkey(3)] });
  });

  test.each<readonly [string, readonly HotkeyWeight[]]>([
    ['a weight above u16', weights([1, 65_536])],
    ['a weight with a fraction', weights([1, 65_535], [2, 0.5])],
    ['a hotkey twice', weights([1, 65_535], [1, 3])],
    ['a largest weight below 65535', weights([1, 65_534])],
  ])('is malformed by %s', (_, vector) => {
    expect(kinds(reviewVector({ ...input([0.2, 0.1]), vector }))).toContain('malformed');
  });

  test('has no more entries than the subnet has uids, and no fewer than it asks for', () => {
    expect(kinds(reviewVector(input([0.2, 0.2, 0.1], { maxUids: 2 })))).toEqual(['malformed']);
    expect(reviewVector(input([0.2, 0.2, 0, 0], { minAllowedWeights: 8 })).trips).toEqual([
      // The chain asks for no more than there are neurons.
      { kind: 'too_few', found: 2, least: 4 },
    ]);
  });

  test('loses whoever left the subnet or came back under another uid, and is scaled anew', () => {
    const given = input([0.6, 0.3, 0.3, 0.01], { seats: [seat(2), seat(3, 9), seat(4), seat(5, 1)] });
    const reviewed = reviewVector({ ...given, limits: { ...limits, maxDeparted: 1, maxShare: 1 } });
    expect(reviewed.departed).toEqual([minerHotkey(1), minerHotkey(3)]);
    expect(reviewed.vector).toEqual(weights([2, 65_535], [4, 2184]));
    expect(reviewed.trips).toEqual([]);
  });

  test('is held back where too much of it belongs to those that left', () => {
    const given = input([0.2, 0.3, 0.5], { seats: [seat(1), seat(2)] });
    const trip = reviewVector(given).trips.find(({ kind }) => kind === 'uid_changed');
    expect(trip).toMatchObject({ hotkeys: [minerHotkey(3)], most: 0.2 });
    expect(trip?.kind === 'uid_changed' && trip.found).toBeCloseTo(0.5, 4);
    expect(kinds(reviewVector(input([0.4, 0.5, 0.1], { seats: [seat(1), seat(2)] })))).toEqual([]);
  });

  test('needs a verdict on enough of the assigned miners; faults of ours and riddles are none', () => {
    const given = input([0.2, 0.2, 0.2, 0.2]);
    const judged = (outcomes: readonly ('ok' | 'miner_fault' | 'our_fault' | 'unknown')[]) =>
      reviewVector({ ...given, submissions: outcomes.map((outcome, index) => submission(index + 1, { outcome })) });
    expect(kinds(judged(['ok', 'miner_fault', 'our_fault', 'unknown']))).toEqual([]);
    expect(judged(['ok', 'our_fault', 'our_fault', 'unknown']).trips).toEqual([
      { kind: 'coverage', found: 0.25, least: 0.5 },
    ]);
    expect(reviewVector({ ...given, assigned: [], submissions: [] }).trips).toEqual([]);
  });

  test('may not move too much weight against the last one; the first one moves as it likes', () => {
    const lastGood = weights([1, 65_535], [2, 65_535]);
    expect(reviewVector(input([0.5, 0.5, 0], { lastGood })).trips).toEqual([]);
    const moved = reviewVector(input([0.1, 0.5, 0.4], { lastGood }));
    expect(kinds(moved)).toEqual(['movement']);
    expect(moved.trips[0]?.kind === 'movement' && moved.trips[0].found).toBeCloseTo(0.4, 4);
    expect(moved.changes.map(({ hotkey }) => hotkey)).toEqual([minerHotkey(1), minerHotkey(3), minerHotkey(2)]);
  });

  test('may not give too much to one miner', () => {
    expect(kinds(reviewVector(input([0.9, 0.1])))).toEqual(['share']);
    expect(kinds(reviewVector(input([0.8, 0.2])))).toEqual([]);
  });
});

describe('whatever the scores are', () => {
  const scores = fc.array(fc.oneof(fc.double(), fc.double({ min: 0, max: 1 }), fc.constant(0)), { maxLength: 12 });
  const seats = fc.array(
    fc.record({ number: fc.integer({ min: 1, max: 12 }), seated: fc.integer({ min: 0, max: 12 }) }),
  );

  test('nothing but a well-formed vector of seated hotkeys goes out untripped', () => {
    fc.assert(
      fc.property(scores, seats, (given, taken) => {
        const facts = { seats: taken.map(({ number, seated }) => seat(number, seated)) };
        const { vector, trips } = reviewVector({ ...input(given, facts), limits: { ...limits, maxShare: 1 } });
        if (trips.length > 0) return;
        expect(problemOf(vector)).toBeNull();
        const seated = new Set(facts.seats.map(({ hotkey }) => hotkey));
        expect(vector.every(({ hotkey }) => seated.has(hotkey))).toBe(true);
      }),
    );
  });

  test('shares add up to one, and scaling keeps their order', () => {
    const vectors = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 65_535 })), {
      selector: ([number]) => number,
      minLength: 1,
    });
    fc.assert(
      fc.property(vectors, (pairs) => {
        const vector = weights(...pairs);
        expect([...sharesOf(vector).values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        const scaled = rescale(vector);
        expect(Math.max(...scaled.map(({ weight }) => weight))).toBe(65_535);
        for (const [index, { weight }] of scaled.entries()) {
          const next = scaled[index + 1];
          if (next === undefined) continue;
          const [a, b] = [
            vector.find(({ hotkey }) => hotkey === scaled[index]?.hotkey),
            vector.find(({ hotkey }) => hotkey === next.hotkey),
          ];
          if ((a?.weight ?? 0) > (b?.weight ?? 0)) expect(weight).toBeGreaterThanOrEqual(next.weight);
        }
      }),
    );
  });
});

test('an older vector keeps whoever is still on the subnet, by whatever uid', () => {
  const kept = stillSeated(weights([1, 65_535], [2, 30_000], [3, 15_000]), [seat(2, 7), seat(3)]);
  expect(kept).toEqual(weights([2, 65_535], [3, 32_768]));
});
