import { setTimeout as sleep } from 'node:timers/promises';
import { isOstinatoError } from '../../domain/errors/error.ts';

/** Every transaction of the ledger takes milliseconds, so what is still locked after this is stuck. */
const patienceMs = 10_000;
const shortestPauseMs = 1;
const longestPauseMs = 50;

/**
 * Tries again while another process holds the ledger's lock. SQLite's own waiting would stop the event loop, and with
 * it the very transaction that it waits for, where both are in one process.
 */
export async function patiently<T>(work: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + patienceMs;
  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isOstinatoError(error, 'OST_LEDGER_BUSY') || performance.now() > end) throw error;
      await sleep(pauseMs);
    }
  }
}
