import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ProcessRegistry } from '../../../adapters/processes/registry.ts';

/**
 * What differs from run to run without being left behind: the run's own notes, SQLite's files beside a ledger, and the
 * holds on artefacts, which bear the name of the process that has them and end with it.
 */
const ours = /^(activities\.jsonl|death-\d+)$|\.sqlite-(wal|shm)$|\/artifacts\/holds\//;

/** All files below a stack's folder, by their paths in it, and the processes that still run. */
export async function leftIn(folder: string): Promise<readonly string[]> {
  // The list takes away what the killed ones had written down of themselves, as the next start would.
  const processes = new ProcessRegistry(folder).list().map(({ role, label }) => `process ${role} of ${label}`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((path) => !ours.test(path));
  return [...files, ...processes].toSorted();
}
