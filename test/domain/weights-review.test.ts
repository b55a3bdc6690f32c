import { describe, expect, test } from '@jest/globals';
import type { Reviewed, Trip, WeightsFacts } from '../../domain/guardrails.ts';
import { blocks, uid } from '../../domain/units.ts';
import { decide, needsOperator, type OperatorVerb, refusalOf, tripText } from '../../domain/weights-review.ts';
import { deadlinePolicies, weightsModes } from '../../domain/weights-rules.ts';
import { minerHotkey } from './cycle-fixture.ts';

const [one, two, three] = [minerHotkey(1), minerHotkey(2), minerHotkey(3)];
const facts: WeightsFacts = {
  block: blocks(100),
  seats: [
    { hotkey: one, uid: uid(1) },
    { hotkey: two, uid: uid(2) },
  ],
  minAllowedWeights: 1,
  maxUids: 256,
  lastUpdate: blocks(10),
  tempoStart: blocks(0),
  lastGood: [
    { hotkey: two, weight: 65_535 },
    { hotkey: three, weight: 65_535 },
  ],
};
const coverage: Trip = { kind: 'coverage', found: 0.25, least: 0.5 };
const broken: Trip = { kind: 'not_a_number', hotkeys: [one] };
const reviewed = (...trips: readonly Trip[]): Reviewed => ({
  vector: [{ hotkey: one, weight: 65_535 }],
  departed: [],
  trips,
  changes: [],
});
const by = 'somebody';

describe('a vector waits for an operator', () => {
  test.each(weightsModes)('in mode %s as that mode says', (mode) => {
    const waits = [reviewed(), reviewed(coverage)].map((each) => needsOperator(mode, each));
    expect(waits).toEqual(
      { watch: [false, false], 'dry-run': [false, false], vote: [true, true], full: [false, true] }[mode],
    );
  });
});

describe('an operator', () => {
  test('approves the vector as it is, unless it is broken', () => {
    const approve: OperatorVerb = { kind: 'approve', by };
    expect(refusalOf(approve, reviewed(coverage), facts)).toBeNull();
    expect(decide(approve, 'nothing', reviewed(coverage), facts)).toEqual({
      kind: 'approved',
      vector: [{ hotkey: one, weight: 65_535 }],
      by,
      reason: null,
    });
    expect(refusalOf(approve, reviewed(broken), facts)).toMatch(/broken/);
  });

  test('amends it to any vector of seated hotkeys, which is scaled', () => {
    const amend = (weights: readonly (readonly [typeof one, number])[], reason = 'known bad'): OperatorVerb => ({
      kind: 'amend',
      by,
      reason,
      weights: weights.map(([hotkey, weight]) => ({ hotkey, weight })),
    });
    expect(refusalOf(amend([[two, 1]]), reviewed(broken), facts)).toBeNull();
    expect(
      decide(
        amend([
          [one, 1],
          [two, 2],
        ]),
        'nothing',
        reviewed(),
        facts,
      ),
    ).toMatchObject({
      kind: 'amended',
      vector: [
        { hotkey: one, weight: 32_768 },
        { hotkey: two, weight: 65_535 },
      ],
      reason: 'known bad',
    });
    expect(refusalOf(amend([[three, 1]]), reviewed(), facts)).toMatch(/no uid/);
    expect(refusalOf(amend([]), reviewed(), facts)).toMatch(/no positive weight/);
    expect(
      refusalOf(
        amend([
          [one, 1],
          [one, 1],
        ]),
        reviewed(),
        facts,
      ),
    ).toMatch(/twice/);
    expect(refusalOf(amend([[one, Number.NaN]]), reviewed(), facts)).not.toBeNull();
    expect(refusalOf(amend([[one, 1]], ' '), reviewed(), facts)).toMatch(/reason/);
  });

  test('vetoes it with a reason, and nothing is published', () => {
    expect(refusalOf({ kind: 'veto', by, reason: '' }, reviewed(), facts)).toMatch(/reason/);
    expect(decide({ kind: 'veto', by, reason: 'no' }, 'publish', reviewed(), facts)).toMatchObject({
      kind: 'vetoed',
      vector: [],
    });
  });

  test('has a name', () => {
    expect(refusalOf({ kind: 'approve', by: '' }, reviewed(), facts)).toMatch(/who/);
  });
});

describe('at the deadline block', () => {
  test.each(deadlinePolicies)('the policy %s decides', (policy) => {
    const decided = [reviewed(coverage), reviewed(broken)].map((each) => decide(null, policy, each, facts));
    const lastGood = { kind: 'late_last_good', vector: [{ hotkey: two, weight: 65_535 }], by: null, reason: null };
    const nothing = { kind: 'late_nothing', vector: [], by: null, reason: null };
    const published = { kind: 'late_published', vector: [{ hotkey: one, weight: 65_535 }], by: null, reason: null };
    // A broken vector is never published, whatever the policy.
    const expected = { last_good: [lastGood, lastGood], publish: [published, lastGood], nothing: [nothing, nothing] };
    expect(decided).toEqual(expected[policy]);
  });

  test('nothing is published where there is no vector to go back to', () => {
    const without = { ...facts, lastGood: null };
    expect(decide(null, 'last_good', reviewed(coverage), without)).toMatchObject({ kind: 'late_nothing' });
    const allGone = { ...facts, seats: [] };
    expect(decide(null, 'last_good', reviewed(coverage), allGone)).toMatchObject({ kind: 'late_nothing' });
  });
});

test('a trip is told with what was found and what is allowed', () => {
  expect(tripText(coverage)).toBe('25.0 % of the assigned miners have a verdict; at least 50.0 % must');
  expect(tripText({ kind: 'share', hotkey: one, found: 0.9, most: 0.4 })).toBe(
    `${one} gets 90.0 % of the weight; at most 40.0 % may go to one miner`,
  );
});
