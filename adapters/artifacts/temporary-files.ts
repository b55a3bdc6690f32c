import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwnerAlive, ownerMark } from '../processes/owner-mark.ts';

/** A path for a new temporary file, named for the process that writes it: its id and its start time. */
export function temporaryPath(folder: string): string {
  return join(folder, `${ownerMark()}.${randomBytes(6).toString('hex')}`);
}

/**
 * Removes what processes left that have ended. Those of living writers stay: several processes share one store, and
 * each sweeps when it opens it.
 */
export async function sweepTemporaryFiles(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  let removed = 0;
  for (const name of await readdir(folder)) {
    const [pid, startTime, rest] = name.split('.');
    if (pid === undefined || startTime === undefined || rest === undefined || !/^[1-9]\d*$/.test(pid)) continue;
    if (isOwnerAlive(pid, startTime)) continue;
    await rm(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}
