import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, ownIdentity } from '../processes/identity.ts';

/** A path for a new temporary file, named for the process that writes it: its id and its start time. */
export function temporaryPath(folder: string): string {
  const { pid, startTime } = ownIdentity();
  return join(folder, `${pid}.${encodeURIComponent(startTime)}.${randomBytes(6).toString('hex')}`);
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
    if (isAlive({ pid: Number(pid), startTime: decodeStartTime(startTime) })) continue;
    await rm(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}

function decodeStartTime(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
