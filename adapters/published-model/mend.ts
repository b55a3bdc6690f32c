import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ModelManifest } from '../../domain/model-manifest.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { storeFull, storeTensors } from './full-file.ts';
import { missingFiles } from './missing-files.ts';

/**
 * Makes files of a version anew that vanished from the store, as far as this machine can: the base's from its folder,
 * a part from the full file, the full file from its parts. Files are named by content, so a wrong one cannot take a
 * right one's place.
 *
 * @returns digests of what is missing still; only another validator has it
 */
export async function mendModel(
  manifest: ModelManifest,
  store: ArtifactStore,
  baseFolder: string | null,
): Promise<readonly string[]> {
  const { parts, full } = manifest;
  let missing = await missingFiles(manifest, store);
  if (missing.length === 0) return missing;
  // Groups that nobody ever trained, and what all groups share, are the base's in later versions too.
  for (const name of await partNames(baseFolder)) {
    await store.put({ file: join(baseFolder ?? '', name) }, 'application/vnd.safetensors');
  }
  missing = await missingFiles(manifest, store);
  if (!missing.includes(full.digest)) {
    for (const { ref } of parts) if (missing.includes(ref.digest)) await cutOut(full, ref, parts, store);
    return missingFiles(manifest, store);
  }
  if (parts.every(({ ref }) => !missing.includes(ref.digest))) await storeFull(parts, store);
  return missingFiles(manifest, store);
}

const partNames = async (folder: string | null): Promise<readonly string[]> => {
  const names = folder === null ? [] : await readdir(folder).catch(() => []);
  return names.filter((name) => /^model_(shared|expgroup_\d+)\.safetensors$/.test(name));
};

/** The tensors of the full file that are in no other part: that is the one that is missing, if only one is. */
async function cutOut(
  full: ArtifactRef,
  wanted: ArtifactRef,
  parts: ModelManifest['parts'],
  store: ArtifactStore,
): Promise<void> {
  const elsewhere = new Set<string>();
  for (const { ref } of parts) {
    if (ref.digest === wanted.digest || !(await store.has(ref.digest))) continue;
    for (const name of (await readSafetensorsHeader(store.path(ref.digest))).tensors.keys()) elsewhere.add(name);
  }
  const file = store.path(full.digest);
  const { tensors } = await readSafetensorsHeader(file);
  const own = [...tensors].filter(([name]) => !elsewhere.has(name));
  await storeTensors(
    own.map(([name, { dtype, shape, begin, end }]) => ({
      name,
      dtype,
      shape,
      data: () => createReadStream(file, { start: begin, end: end - 1 }),
    })),
    store,
  );
}
