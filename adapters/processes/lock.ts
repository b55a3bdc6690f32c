import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../../domain/errors/error.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from './identity.ts';

export interface LockHolder extends ProcessIdentity {
  readonly role: string;
  /** ISO time. */
  readonly since: string;
}

export interface FileLock {
  readonly path: string;
  /** Who held it last, if that process ended without letting go (it was killed). */
  readonly abandonedBy?: LockHolder;
  readonly release: () => void;
}

export type LockAttempt =
  | { readonly kind: 'held'; readonly lock: FileLock }
  | { readonly kind: 'busy'; readonly holder: LockHolder | undefined };

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;

const holderPath = (path: string): string => `${path}.holder.json`;

function readHolder(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(holderPath(path), 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, startTime, role, since } = value as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startTime !== 'string') return undefined;
    return { pid, startTime, role: String(role), since: String(since) };
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock, or says who has it.
 *
 * The lock is SQLite's own on an otherwise empty database: the kernel takes it back in the instant its holder dies, so
 * there is nothing to judge stale and no moment in which two could steal it. The file beside it only names the holder.
 */
export function tryLock(path: string, role: string): LockAttempt {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return { kind: 'busy', holder: readHolder(path) };
    throw error;
  }
  const before = readHolder(path);
  const holder: LockHolder = { ...ownIdentity(), role, since: new Date().toISOString() };
  const temporary = `${holderPath(path)}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(holder));
  renameSync(temporary, holderPath(path));
  const release = (): void => {
    process.off('exit', release);
    if (!database.isOpen) return;
    rmSync(holderPath(path), { force: true });
    database.close();
  };
  // Also holds on to the database: one that nobody refers to is closed by the garbage collector, and the lock with it.
  process.on('exit', release);
  const abandoned = before !== undefined && !isAlive(before) ? { abandonedBy: before } : {};
  return { kind: 'held', lock: { path, ...abandoned, release } };
}

export const describeHolder = (holder: LockHolder | undefined): string =>
  holder === undefined ? 'another process' : `${holder.role} (process ${holder.pid}, since ${holder.since})`;

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Called once, when the lock turns out to be busy. */
  readonly onWait?: (holder: LockHolder | undefined) => void;
}

/**
 * Runs `work` while holding the lock; waits for it where another process has it.
 * @throws OST_LOCK_TIMEOUT
 */
export async function withLock<T>(
  path: string,
  role: string,
  { timeoutMs, onWait }: WaitOptions,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let attempt = tryLock(path, role), first = true; ; attempt = tryLock(path, role), first = false) {
    if (attempt.kind === 'held') {
      try {
        return await work();
      } finally {
        attempt.lock.release();
      }
    }
    if (first) onWait?.(attempt.holder);
    if (Date.now() > deadline)
      throw fail('OST_LOCK_TIMEOUT', { path, timeoutMs, holder: describeHolder(attempt.holder) });
    await delay(50);
  }
}
