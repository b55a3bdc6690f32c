import { rm } from 'node:fs/promises';
import type { Incoming } from '../../adapters/artifacts/incoming.ts';
import { temporaryPath } from '../../adapters/artifacts/temporary-files.ts';
import { isTorchFile } from '../../adapters/artifacts/torch/detect.ts';
import { convertBeside } from '../../adapters/artifacts/torch/threaded-convert.ts';
import type { ModelServerDeps } from './deps.ts';

/**
 * The file as safetensors, whatever its name says: what the originals' clients send is a file of torch.save, and is
 * converted by a reader that runs nothing of it. The tensor hash is the same for both.
 *
 * @throws OST_TORCH_*, OST_ARTIFACT_TOO_LARGE, OST_DISK_FULL
 */
export async function asSafetensors(
  { store, limits }: ModelServerDeps,
  incoming: Incoming,
  signal?: AbortSignal,
): Promise<Incoming> {
  if (!(await isTorchFile(incoming.path))) return incoming;
  const path = temporaryPath(store.temporary);
  const options = { name: 'the submission', maxBytes: limits.maxSubmissionBytes };
  try {
    await convertBeside(incoming.path, path, options, signal);
    const converted = await store.receive({ file: path }, { name: 'the submission' });
    await incoming.discard();
    return converted;
  } finally {
    await rm(path, { force: true });
  }
}
