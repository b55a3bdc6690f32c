import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** What differs from run to run without being left behind: the run's own notes, and SQLite's files beside a ledger. */
const ours = /^(activities\.jsonl|death)$|\.sqlite-(wal|shm)$/;

/** All files below a folder, by their paths in it. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((path) => !ours.test(path))
    .toSorted();
}
