import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { legacyEpochAfter, legacyEpochIndex } from '../../../adapters/chain/epochs.ts';

const block = fc.integer({ min: 0, max: 10_000_000 });
const netuid = fc.integer({ min: 0, max: 4_095 });
const tempo = fc.integer({ min: 1, max: 50_400 });

describe('epochs by the arithmetic of before spec 423', () => {
  test('run where block + netuid + 2 is a multiple of tempo + 1, the next one after the block', () => {
    fc.assert(
      fc.property(block, netuid, tempo, (at, subnet, length) => {
        const next = legacyEpochAfter(at, subnet, length) ?? -1;
        expect(next).toBeGreaterThan(at);
        expect(next).toBeLessThanOrEqual(at + length + 1);
        expect((next + subnet + 2) % (length + 1)).toBe(0);
      }),
    );
  });

  test('have an index that steps one block after they ran, and only there', () => {
    fc.assert(
      fc.property(block, netuid, tempo, (at, subnet, length) => {
        const next = legacyEpochAfter(at, subnet, length) ?? -1;
        const index = legacyEpochIndex(at + 1, subnet, length);
        expect(legacyEpochIndex(next, subnet, length)).toBe(index);
        expect(legacyEpochIndex(next + 1, subnet, length)).toBe(index + 1);
      }),
    );
  });

  test('give the reveal window that the chain stored for a commit at block 261', () => {
    // Measured on runtime 218: tempo 20, netuid 2, period 1, window 270 to 290.
    const index = legacyEpochIndex(261, 2, 20);
    expect((index + 1) * 21 - 3).toBe(270);
    expect(legacyEpochIndex(269, 2, 20)).toBe(index);
    expect(legacyEpochIndex(270, 2, 20)).toBe(index + 1);
    expect(legacyEpochIndex(290, 2, 20)).toBe(index + 1);
    expect(legacyEpochIndex(291, 2, 20)).toBe(index + 2);
  });

  test('do not come where the tempo is 0', () => {
    expect(legacyEpochAfter(100, 1, 0)).toBeNull();
  });
});
