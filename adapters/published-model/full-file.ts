import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ModelPart } from '../../domain/model-manifest.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { type TensorSource, writeSafetensors } from '../artifacts/safetensors-writer.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { temporaryPath } from '../artifacts/temporary-files.ts';

/** Joins a version's parts into the one file that peers fetch. Equal parts always give equal bytes. */
export async function storeFull(parts: readonly ModelPart[], store: ArtifactStore): Promise<ArtifactRef> {
  const sources: TensorSource[] = [];
  for (const { ref } of parts) {
    const file = store.path(ref.digest);
    for (const [name, { dtype, shape, begin, end }] of (await readSafetensorsHeader(file)).tensors) {
      const data = () => createReadStream(file, { start: begin, end: end - 1 });
      sources.push({ name, dtype, shape, data });
    }
  }
  return storeTensors(sources, store);
}

/** Writes tensors as a safetensors artefact. */
export async function storeTensors(
  tensors: Iterable<TensorSource>,
  store: ArtifactStore,
  metadata: Readonly<Record<string, string>> = {},
): Promise<ArtifactRef> {
  // Beside the store's own temporary files: on the same disk, and swept with them where this process dies.
  const file = temporaryPath(join(store.folder, 'tmp'));
  try {
    await writeSafetensors(file, tensors, metadata);
    return await store.put({ file }, 'application/vnd.safetensors');
  } finally {
    await rm(file, { force: true });
  }
}
