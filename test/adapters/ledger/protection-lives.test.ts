import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { eventsOfLife, memory, signaturesIn } from './lives.ts';

describe('no life of a validator', () => {
  // `npm run faults -- protection` plays 100,000 of them.
  test('of 20,000 signatures, deaths, restarts, imports and moves signs two vectors for one period', async () => {
    const lives = { inMemory: 36, onDisk: 4 };
    expect((lives.inMemory + lives.onDisk) * eventsOfLife).toBe(20_000);
    const [inMemory, onDisk] = await Promise.all([
      signaturesIn(memory, lives.inMemory),
      signaturesIn(tmpdir(), lives.onDisk),
    ]);
    // Had nearly all been refused, little would have been tried.
    expect(inMemory).toBeGreaterThan(2_000);
    expect(onDisk).toBeGreaterThan(130);
  }, 300_000);
});
