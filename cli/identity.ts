import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMissing, writeAll, writeAtomically } from '../adapters/artifacts/atomic-file.ts';
import type { Hex, Hotkey } from '../domain/units.ts';

/**
 * Who a deployment is, as its first process learned from its signing worker: the other processes need the address and
 * must not touch the key.
 */
export interface Identity {
  readonly hotkey: Hotkey;
  readonly publicKey: Hex;
  readonly genesis: Hex;
}

const fileOf = (folder: string): string => join(folder, 'identity.json');
const pollMs = 500;

export const writeIdentity = (folder: string, identity: Identity): Promise<void> =>
  writeAtomically(fileOf(folder), (handle) => writeAll(handle, Buffer.from(`${JSON.stringify(identity, null, 2)}\n`)));

export async function readIdentity(folder: string): Promise<Identity | null> {
  try {
    return JSON.parse(await readFile(fileOf(folder), 'utf8')) as Identity;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * Waits for the deployment's first process; `waiting` is told once, where there is something to wait for. Null where
 * the signal fired first.
 */
export async function awaitIdentity(
  folder: string,
  waiting: () => void,
  signal: AbortSignal,
): Promise<Identity | null> {
  for (let told = false; !signal.aborted; told = true) {
    const identity = await readIdentity(folder);
    if (identity !== null) return identity;
    if (!told) waiting();
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
  return null;
}
