import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../../domain/errors/error.ts';
import { ChainStore } from './store.ts';

const HOLDER_FILE = 'holder.json';

/**
 * Opens the chain in a folder, for this process alone. The system releases the database's lock when its holder dies,
 * however it dies; the file beside it only says who the holder is.
 */
export function openStore(folder: string | null): ChainStore {
  try {
    const store = new ChainStore(folder);
    if (folder !== null) writeFileSync(join(folder, HOLDER_FILE), JSON.stringify(self()));
    return store;
  } catch (error) {
    if (folder === null || !isBusy(error)) throw error;
    throw fail('OST_DEVNET_STATE_LOCKED', { folder, pid: holderOf(folder) }, { cause: error });
  }
}

/**
 * Told by its code: where several module registries share a process, as in jest, each has an error class of its own.
 */
const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

/** A process is named by its id and the time it was started at, because ids come back. */
function self(): { readonly pid: number; readonly startedAt: string } {
  return { pid: process.pid, startedAt: startTime(process.pid) ?? '' };
}

/** The start time of a process in clock ticks since boot: the 22nd field of its stat, counted behind its name. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function holderOf(folder: string): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(join(folder, HOLDER_FILE), 'utf8'));
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || !('startedAt' in holder))
      return 'unknown';
    return startTime(Number(holder.pid)) === holder.startedAt ? String(holder.pid) : 'unknown';
  } catch {
    return 'unknown';
  }
}
