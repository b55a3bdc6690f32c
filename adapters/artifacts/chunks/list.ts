import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { blake3 } from '@napi-rs/blake-hash';
import {
  type ChunkManifest,
  chunkManifestJson,
  chunkRange,
  defaultChunkBytes,
  readChunkManifest,
} from '../../../domain/chunk-manifest.ts';
import { fail } from '../../../domain/errors/error.ts';
import { isMissing, writeAll, writeAtomically } from '../atomic-file.ts';

/** Where a stored artefact's list of chunks lies: beside it, and of use only with it. */
export const chunkListPath = (file: string): string => `${file}.chunks.json`;

/** Hashes all chunks of a file, and the whole in the same pass. */
export async function listChunks(file: string, chunkBytes = defaultChunkBytes): Promise<ChunkManifest> {
  await using handle = await open(file, 'r');
  const { size: bytes } = await handle.stat();
  const layout = { bytes, chunkBytes };
  const sha = createHash('sha256');
  const chunks: string[] = [];
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, bytes)));
  for (let index = 0; index * chunkBytes < bytes; index += 1) {
    const { begin, end } = chunkRange(layout, index);
    const { bytesRead } = await handle.read(buffer, 0, end - begin, begin);
    const chunk = buffer.subarray(0, bytesRead);
    sha.update(chunk);
    chunks.push(blake3(chunk).toString('hex'));
  }
  return { ...layout, digest: sha.digest('hex'), chunks };
}

/**
 * The list of a stored artefact: computed once, at the first question, and kept beside it.
 *
 * @throws OST_ARTIFACT_DIGEST where the file is not what its name says any more
 */
export async function storedChunks(file: string, digest: string): Promise<ChunkManifest> {
  const kept = await readList(chunkListPath(file));
  if (kept?.digest === digest && kept.bytes === (await stat(file)).size) return kept;
  const list = await listChunks(file);
  if (list.digest !== digest) {
    throw fail('OST_ARTIFACT_DIGEST', { name: `the stored file ${digest}`, actual: list.digest, expected: digest });
  }
  const text = JSON.stringify(chunkManifestJson(list));
  // A list that cannot be kept, on a full disk, is computed again at the next question.
  await writeAtomically(chunkListPath(file), (handle) => writeAll(handle, Buffer.from(text))).catch(() => undefined);
  return list;
}

async function readList(path: string): Promise<ChunkManifest | null> {
  try {
    return readChunkManifest(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}
