import { rm } from 'node:fs/promises';
import type { Incoming } from './incoming.ts';
import type { ArtifactStore } from './store.ts';
import { temporaryPath } from './temporary-files.ts';
import { isTorchFile } from './torch/detect.ts';
import { convertBeside } from './torch/threaded-convert.ts';

export interface FormatOptions {
  /** What to call the file in errors. */
  readonly name: string;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A checkpoint as safetensors, whatever its name says: what the originals' clients send is a file of torch.save, and is
 * converted by a reader that runs nothing of it. The tensor hash is the same for both.
 *
 * @throws OST_TORCH_*, OST_ARTIFACT_TOO_LARGE, OST_DISK_FULL
 */
export async function asSafetensors(
  store: ArtifactStore,
  incoming: Incoming,
  { name, maxBytes, signal }: FormatOptions,
): Promise<Incoming> {
  if (!(await isTorchFile(incoming.path))) return incoming;
  const path = temporaryPath(store.temporary);
  try {
    await convertBeside(incoming.path, path, { name, maxBytes }, signal);
    const converted = await store.receive({ file: path }, { name });
    await incoming.discard();
    return converted;
  } finally {
    await rm(path, { force: true });
  }
}
