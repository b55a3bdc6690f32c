import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../../domain/errors/error.ts';
import { isAlive, type ProcessIdentity } from './identity.ts';
import type { ProcessRecord } from './record.ts';
import type { ProcessRegistry } from './registry.ts';

export interface EndOptions {
  /** How long it may take to end in order after SIGTERM. */
  readonly graceMs?: number;
  /** Whether its process group is ended with it: right for a process that we started with a group of its own. */
  readonly group?: boolean;
}

export type Ending = 'was-gone' | 'ended' | 'killed';

function signal(pid: number, name: NodeJS.Signals, group: boolean): void {
  try {
    process.kill(group ? -pid : pid, name);
  } catch {
    // Gone between the look and the signal (ESRCH), which is what was asked for.
  }
}

/** Waits until that very process is gone; false where it is still there after `timeoutMs`. */
export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/**
 * Ends a process by SIGTERM, and by SIGKILL where it does not listen. Only that very process: an id that was given
 * to another program since is left alone.
 * @throws OST_PROCESS_UNSTOPPABLE
 */
export async function endProcess(
  identity: ProcessIdentity & { readonly label?: string },
  { graceMs = 10_000, group = false }: EndOptions = {},
): Promise<Ending> {
  if (!isAlive(identity)) return 'was-gone';
  signal(identity.pid, 'SIGTERM', group);
  if (await waitUntilGone(identity, graceMs)) return 'ended';
  signal(identity.pid, 'SIGKILL', group);
  // A kill is carried out at once unless the process hangs in the kernel.
  const timeoutMs = 10_000;
  if (await waitUntilGone(identity, timeoutMs)) return 'killed';
  throw fail('OST_PROCESS_UNSTOPPABLE', { label: identity.label ?? 'a process', pid: identity.pid, timeoutMs });
}

export interface Leftovers {
  readonly adopted: readonly ProcessRecord[];
  readonly ended: readonly ProcessRecord[];
}

/**
 * Looks through what a killed predecessor left running: what `adopt` accepts stays and is used again, the rest is
 * ended. The caller holds the state lock, so nobody else does the same at the same time.
 */
export async function adoptOrEnd(
  registry: ProcessRegistry,
  adopt: (record: ProcessRecord) => boolean | Promise<boolean>,
  options?: EndOptions,
): Promise<Leftovers> {
  const adopted: ProcessRecord[] = [];
  const ended: ProcessRecord[] = [];
  for (const record of registry.list()) {
    if (record.pid === process.pid) continue;
    if (await adopt(record)) {
      adopted.push(record);
      continue;
    }
    await endProcess(record, options);
    registry.unregister(record);
    ended.push(record);
  }
  return { adopted, ended };
}
