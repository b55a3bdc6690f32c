import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ended, startChild } from './child.ts';

/** Lives of 500 events each, in a process of their own; the number of signatures that were made. */
async function signaturesIn(parent: string, lives: number): Promise<number> {
  const folder = mkdtempSync(join(parent, 'ostinato-lives-'));
  try {
    const { output } = await ended(startChild('lives', folder, String(lives), '500'));
    expect(output).toMatch(/^signatures \d+\n$/);
    return Number(output.split(' ')[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files in memory are files like others to SQLite, but for the time that a synchronisation takes. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

describe('no life of a validator', () => {
  test('of 100,000 signatures, deaths, restarts, imports and moves signs two vectors for one period', async () => {
    const [a, b, onDisk] = await Promise.all([
      signaturesIn(memory, 97),
      signaturesIn(memory, 97),
      signaturesIn(tmpdir(), 6),
    ]);
    // Had nearly all been refused, little would have been tried.
    expect(a + b).toBeGreaterThan(10_000);
    expect(onDisk).toBeGreaterThan(200);
  }, 300_000);
});
