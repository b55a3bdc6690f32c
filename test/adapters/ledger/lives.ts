import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, startChild } from './child.ts';

/** Files in memory are files like others to SQLite, but for the time that a synchronisation takes. */
export const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export const eventsOfLife = 500;

/** Lives of 500 events each, in a process of their own; the number of signatures, or how two came to contradict. */
export async function signaturesIn(parent: string, lives: number): Promise<number> {
  const folder = mkdtempSync(join(parent, 'ostinato-lives-'));
  try {
    const { output } = await ended(startChild('lives', folder, String(lives), String(eventsOfLife)));
    if (!/^signatures \d+\n$/.test(output)) throw new Error(output);
    return Number(output.split(' ')[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
