import { describe, expect, test } from '@jest/globals';
import { emptyFootprint, forgiven, looked, remember } from '../../domain/foreign-write.ts';
import type { SignedWrite } from '../../domain/signed-write.ts';
import { blocks } from '../../domain/units.ts';

const sighting = (nonce: number, block = 10) => ({ nonce, seen: { 'commitment/1': blocks(block) }, foreign: null });
const signed = (nonce: number): SignedWrite => ({
  bytes: '0x00',
  hash: `0x${nonce.toString(16).padStart(64, '0')}`,
  nonce,
  birth: { number: blocks(1), hash: '0x01' },
  eraBlocks: 8,
  uids: [],
  values: [],
  dropped: [],
});

describe('what a writer remembers of its hotkey', () => {
  test('never goes back to a nonce that was accounted for, though finality lags behind', () => {
    const first = looked(emptyFootprint, sighting(5));
    expect(looked(first, sighting(3)).nonce).toBe(5);
    expect(looked(first, sighting(7)).nonce).toBe(7);
  });

  test('begins anew when an operator has decided, and keeps what it signed itself', () => {
    const before = remember(looked(emptyFootprint, sighting(5)), signed(5));
    expect(forgiven(before)).toEqual({ nonce: null, seen: {}, own: before.own });
    expect(before.own.map(({ nonce }) => nonce)).toEqual([5]);
  });

  test('keeps the newest change of each place', () => {
    expect(looked(looked(emptyFootprint, sighting(1, 10)), sighting(1, 12)).seen).toEqual({ 'commitment/1': 12 });
  });
});
