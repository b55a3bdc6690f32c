import { hostname } from 'node:os';
import type { ConnectionLike } from '@temporalio/client';
import { type Role, taskQueues } from '../../temporal/ids.ts';

/** A poll lasts a minute at most, so that a living worker was seen within one; the rest is for a slow machine. */
const FRESH_MS = 90_000;
/** Temporal's enumeration: workflow tasks. */
const WORKFLOW_TASKS = 1;

export interface Poller {
  /** `role@host:pid`, as the workers name themselves. */
  readonly identity: string;
  readonly lastSeenMs: number;
}

/** Whether a role's worker on this host asked for work lately; null for yes, else the reason. */
export function pollerTrouble(pollers: readonly Poller[], role: Role, host: string, nowMs: number): string | null {
  const own = pollers.filter(({ identity }) => identity.startsWith(`${role}@${host}:`));
  if (own.length === 0) return `no ${role} of ${host} asks Temporal for work`;
  const lastSeenMs = Math.max(...own.map((poller) => poller.lastSeenMs));
  const silentMs = nowMs - lastSeenMs;
  return silentMs <= FRESH_MS
    ? null
    : `the ${role} of ${host} last asked for work ${Math.round(silentMs / 1000)} s ago`;
}

/** Asks Temporal whether this host's worker of a role is at work; null for yes, else the reason. */
export async function workerTrouble(
  connection: Pick<ConnectionLike, 'workflowService'>,
  namespace: string,
  role: Role,
): Promise<string | null> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueues.workflows[role] },
    taskQueueType: WORKFLOW_TASKS,
  });
  const seen = (pollers ?? []).map(({ identity, lastAccessTime }) => ({
    identity: identity ?? '',
    lastSeenMs: Number(lastAccessTime?.seconds ?? 0) * 1000,
  }));
  return pollerTrouble(seen, role, hostname(), Date.now());
}
