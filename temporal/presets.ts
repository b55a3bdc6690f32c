import type { ActivityOptions } from '@temporalio/common';

/**
 * Activity options by kind of work. Every preset names its cancellation type, because the SDK's default is
 * TRY_CANCEL whatever its documentation says: the workflow would move on while the activity still runs.
 *
 * A preset says nothing of the queue; workflows add `taskQueue` from their input's {@link Queues}.
 */

const chainRetry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

export const presets = {
  /** One bounded question to the chain. 10 s: two requests of 4 s and a reconnect. Retried until it is answered. */
  chainRead: {
    startToCloseTimeout: '10s',
    retry: chainRetry,
    cancellationType: 'TRY_CANCEL',
  },
  /**
   * What a cycle goes by, which may have to wait for the owner's phase service: with the patience that its settings
   * allow at most, and a heartbeat for the worker that dies meanwhile.
   */
  plan: {
    startToCloseTimeout: '30m',
    heartbeatTimeout: '15s',
    retry: chainRetry,
    cancellationType: 'TRY_CANCEL',
  },
  /**
   * Submits signed bytes or looks for them. Long enough for a handful of blocks of 12 s; the heartbeat tells a dead
   * worker from a slow chain. Safe to repeat: the bytes are the same, and a chain takes them once.
   */
  chainWrite: {
    startToCloseTimeout: '2m',
    heartbeatTimeout: '15s',
    retry: chainRetry,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /**
   * Waits for a block. The chain may stand still for hours; the heartbeat is what notices a dead worker. Nothing
   * depends on how the wait ends, so whoever gives it up goes on at once.
   */
  blockWait: {
    startToCloseTimeout: '24h',
    heartbeatTimeout: '15s',
    retry: chainRetry,
    cancellationType: 'TRY_CANCEL',
  },
  /** Signing takes milliseconds beside a few chain reads; a signing worker that restarts takes seconds. */
  sign: {
    startToCloseTimeout: '20s',
    retry: chainRetry,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Bytes over HTTP, resumed from the last heartbeat. */
  transfer: {
    startToCloseTimeout: '30m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Losses of one submission. A killed child process is replaced, so a few attempts are worth it; more are not. */
  evaluate: {
    startToCloseTimeout: '10m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 4 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** A training phase; resumes from its own checkpoints, so that attempts are not limited. */
  train: {
    startToCloseTimeout: '24h',
    heartbeatTimeout: '30s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** One transaction or query on the ledger; a busy database is waited for. */
  ledger: {
    startToCloseTimeout: '15s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
} as const satisfies Record<string, ActivityOptions>;

export type PresetName = keyof typeof presets;
