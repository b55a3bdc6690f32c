import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { roundTimeMs } from '../../domain/timelock/beacon.ts';
import { blocks } from '../../domain/units.ts';
import { aimedBlock, firstRevealBlock, firstRevealOf, revealWindow, roundFor } from '../../domain/weights-road.ts';

const state = (block: number, changes: Partial<Parameters<typeof revealWindow>[0]> = {}) => ({
  block: blocks(block),
  period: 1,
  epoch: 5,
  tempo: blocks(20),
  nextEpoch: blocks(110),
  ...changes,
});

describe('the window of a hash commitment', () => {
  test('on a chain that counts its epochs is exactly one epoch', () => {
    const commit = { epoch: 5, window: null };
    expect(revealWindow(state(100), commit)).toEqual({ kind: 'early', from: 110 });
    expect(revealWindow(state(100, { period: 3 }), commit)).toEqual({ kind: 'early', from: 150 });
    expect(revealWindow(state(109, { epoch: 6 }), commit)).toEqual({ kind: 'open' });
    expect(revealWindow(state(129, { epoch: 7, nextEpoch: blocks(130) }), commit)).toEqual({ kind: 'over' });
  });

  test('on an older chain lies between two blocks: the reveal at 269 fails, at 271 it works', () => {
    const commit = { epoch: null, window: { first: blocks(270), last: blocks(290) } };
    expect(revealWindow(state(268), commit)).toEqual({ kind: 'early', from: 270 });
    expect(revealWindow(state(269), commit)).toEqual({ kind: 'open' });
    expect(revealWindow(state(289), commit)).toEqual({ kind: 'open' });
    expect(revealWindow(state(290), commit)).toEqual({ kind: 'over' });
  });
});

describe('the block of a reveal', () => {
  test('is the next epoch, and one tempo later for each further epoch of the period', () => {
    expect(firstRevealBlock(state(100))).toBe(110);
    expect(firstRevealBlock(state(100, { period: 4 }))).toBe(170);
    expect(firstRevealBlock(state(100, { nextEpoch: null }))).toBeNull();
  });

  test('of an earlier commitment comes nearer with each epoch', () => {
    const later = state(115, { period: 2, epoch: 6, nextEpoch: blocks(130) });
    expect(firstRevealOf(later, 5)).toBe(130);
    expect(firstRevealOf(later, 6)).toBe(150);
    expect(firstRevealOf(later, 4)).toBeNull();
  });

  test('is aimed at a little late, and well within the epoch however short that is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 50_400 }), fc.integer({ min: 1, max: 1_000_000 }), (tempo, first) => {
        const aim = aimedBlock(blocks(first), blocks(tempo));
        expect(aim).toBeGreaterThan(first);
        expect(aim).toBeLessThanOrEqual(first + Math.max(1, tempo / 4));
      }),
    );
  });
});

test('a round is never out before the reveal begins, and is the newest one at the aim where there is one between', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 2_000_000_000 }),
      fc.integer({ min: 0, max: 120 }),
      (periodS, firstS, marginS) => {
        const beacon = { genesisS: 1_692_803_367, periodS };
        const [firstMs, aimMs] = [(beacon.genesisS + firstS) * 1000, (beacon.genesisS + firstS + marginS) * 1000];
        const round = roundFor(beacon, firstMs, aimMs);
        expect(roundTimeMs(beacon, round)).toBeGreaterThan(firstMs);
        if (marginS >= periodS) expect(roundTimeMs(beacon, round)).toBeLessThanOrEqual(aimMs);
      },
    ),
  );
});
