import { heartbeat } from '@temporalio/activity';

/** At most a third of the heartbeat timeouts of `temporal/presets.ts`: one lost beat is no death. */
const heartbeatEveryMs = 5_000;

/**
 * Beats by the clock while work goes on that has a bound of its own: a chain that stands still, or a file of gigabytes,
 * is no reason to start the activity anew; a dead worker is. What can hang without a bound beats with its progress.
 */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  heartbeat();
  const timer = setInterval(() => heartbeat(), heartbeatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
