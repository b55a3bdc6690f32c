import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What tells one process from every other: ids are given out again, so the start time belongs to it. `startTime` is
 * opaque and only ever compared for equality.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Field 22 counts clock ticks since boot, so the boot's id is added: a reboot starts the count again. */
function linuxStartTime(stat: string): string | undefined {
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended: it only waits for its parent to look.
  if (state === undefined || state === 'Z' || state === 'X') return undefined;
  const bootId = readText('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? '';
  return `${bootId}:${fields[18] ?? ''}`;
}

function psStartTime(pid: number): string | undefined {
  const { stdout, status } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const line = typeof stdout === 'string' ? stdout.trim() : '';
  if (status !== 0 || line === '' || line.startsWith('Z')) return undefined;
  return line.replace(/^\S+\s+/, '');
}

/** The identity of a running process, or nothing where there is none of that id. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const startTime =
    stat !== undefined ? linuxStartTime(stat) : process.platform === 'linux' ? undefined : psStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid, startTime: 'unknown' };
}

/** Whether that very process still runs, and not merely one that was given its id. */
export const isAlive = (identity: ProcessIdentity): boolean =>
  identityOf(identity.pid)?.startTime === identity.startTime;
