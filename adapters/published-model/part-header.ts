import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import { isMissing } from '../artifacts/atomic-file.ts';
import { readSafetensorsHeader, type SafetensorsHeader } from '../artifacts/safetensors-header.ts';
import type { ArtifactStore } from '../artifacts/store.ts';

/**
 * The header of a file of our own model, against which strangers' files are judged. Whatever is wrong with it is ours:
 * a reader's error alone would blame the miner whose file is looked at.
 *
 * @throws OST_ARTIFACT_MISSING, OST_MODEL_PART_DAMAGED
 */
export async function readPartHeader(store: ArtifactStore, digest: string): Promise<SafetensorsHeader> {
  try {
    return await readSafetensorsHeader(store.path(digest));
  } catch (error) {
    if (isMissing(error)) throw fail('OST_ARTIFACT_MISSING', { digest, folder: store.folder }, { cause: error });
    if (!isOstinatoError(error) || error.fault !== 'miner') throw error;
    throw fail('OST_MODEL_PART_DAMAGED', { digest, problem: error.message }, { cause: error });
  }
}
