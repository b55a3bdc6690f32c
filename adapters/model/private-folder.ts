import { readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwnerAlive, ownerMark } from '../processes/owner-mark.ts';

/**
 * A folder for a child's copies of weights, which only this user can read. It is named for the process that makes it and
 * is to remove it. Where that was killed, nobody did, and copies have the size of the model; so each call first removes
 * what processes left that have ended.
 */
export async function makePrivateFolder(role: string, parent = tmpdir()): Promise<string> {
  await sweep(parent);
  return await mkdtemp(join(parent, `ostinato-${role}.${processSpace()}.${ownerMark()}.`));
}

const pattern = /^ostinato-[a-z]+\.(?<space>[^.]*)\.(?<pid>[1-9]\d*)\.(?<startTime>[^.]+)\./;

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const { space, pid, startTime } = pattern.exec(name)?.groups ?? {};
    if (space !== processSpace() || pid === undefined || startTime === undefined) continue;
    const path = join(parent, name);
    // Somebody else may call a folder of their own so, and what cannot be removed is no reason not to start.
    const own = await lstat(path).then(
      (found) => found.isDirectory() && found.uid === process.getuid?.(),
      () => false,
    );
    if (!own || isOwnerAlive(pid, startTime)) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Process ids mean nothing across containers that share a folder. */
function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}
