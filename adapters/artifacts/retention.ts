import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CachedFile, surplusOf } from '../../domain/retention.ts';
import { chunkListPath } from './chunks/list.ts';
import type { ArtifactStore } from './store.ts';

/**
 * Keeps the newest files of a store and removes the others, the oldest first. What is in `needed` stays whatever its
 * age and does not count, and so does what any process of the deployment holds: a served file, one that is judged.
 * Manifests stay as well; they are what the ledger's records point at.
 *
 * The only place that removes checkpoints. A deployment calls it when a cycle's books are closed, and at no other time.
 *
 * @returns how many were removed
 */
export async function keepNewest(store: ArtifactStore, keep: number, needed: ReadonlySet<string>): Promise<number> {
  const files: CachedFile[] = [];
  for (const { digest, bytes } of await store.list()) {
    if (bytes < smallBytes && (await isText(store.path(digest)))) continue;
    // Another process may have removed it since it was listed.
    const found = await stat(store.path(digest)).catch(() => null);
    if (found !== null) files.push({ digest, changedMs: found.mtimeMs });
  }
  const surplus = surplusOf(files, new Set([...needed, ...(await store.held())]), keep);
  for (const digest of surplus) await store.remove(digest);
  await removeLists(store);
  return surplus.length;
}

/**
 * Removes transfers in progress that nobody will go on with, which `isOver` tells by the first part of their names:
 * what comes before a hyphen.
 */
export async function sweepTransfers(folder: string, isOver: (what: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [what = ''] = name.split('-', 1);
    if (isOver(what)) await rm(join(folder, name), { force: true });
  }
}

/** No manifest is larger; reading into larger files is saved. */
const smallBytes = 64 * 1024;

/** JSON has no zero byte; the length of a safetensors header, which comes first, ends in some. */
async function isText(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return true;
  await using opened = handle;
  const { buffer, bytesRead } = await opened.read(Buffer.alloc(8), 0, 8, 0);
  return !buffer.subarray(0, bytesRead).includes(0);
}

/** Lists of chunks whose file somebody else removed. */
async function removeLists(store: ArtifactStore): Promise<void> {
  for (const name of await readdir(store.folder)) {
    const [digest = ''] = name.split('.', 1);
    if (name !== chunkListPath(digest) || (await store.has(digest))) continue;
    await rm(join(store.folder, name), { force: true });
  }
}
