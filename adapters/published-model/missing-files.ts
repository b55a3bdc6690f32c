import type { ModelManifest } from '../../domain/model-manifest.ts';
import type { ArtifactStore } from '../artifacts/store.ts';

/** Digests of a version's files that are not in the store, or not in their full length. Reads nothing. */
export async function missingFiles(
  { parts, full, momentum }: ModelManifest,
  store: ArtifactStore,
): Promise<readonly string[]> {
  const refs = [...parts.map(({ ref }) => ref), ...momentum.map(({ ref }) => ref), full];
  const found = await Promise.all(
    refs.map(async ({ digest, bytes }) => ((await store.stat(digest))?.bytes === bytes ? [] : [digest])),
  );
  return [...new Set(found.flat())];
}
