import { stat } from 'node:fs/promises';
import type { ArtifactStore } from './store.ts';

/**
 * Keeps the newest files of a store and removes the others, the oldest first. What is in `needed` stays whatever its
 * age and does not count: the model that is served is not a cache. Small files (manifests) stay as well; they are what
 * the ledger's records point at.
 *
 * @returns how many were removed
 */
export async function keepNewest(store: ArtifactStore, keep: number, needed: ReadonlySet<string>): Promise<number> {
  const files: { readonly digest: string; readonly changedMs: number }[] = [];
  for (const { digest, bytes } of await store.list()) {
    if (needed.has(digest) || bytes < smallBytes) continue;
    // Another process may have removed it since it was listed.
    const found = await stat(store.path(digest)).catch(() => null);
    if (found !== null) files.push({ digest, changedMs: found.mtimeMs });
  }
  const surplus = files.toSorted((a, b) => b.changedMs - a.changedMs).slice(keep);
  for (const { digest } of surplus) await store.remove(digest);
  return surplus.length;
}

const smallBytes = 64 * 1024;
