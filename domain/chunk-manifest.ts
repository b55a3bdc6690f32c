import { isCount, isDigest, isObject } from './read-value.ts';

/** How a file is cut: fixed chunks from its beginning, the last one with what is left. */
export interface ChunkLayout {
  readonly bytes: number;
  readonly chunkBytes: number;
}

/** What every chunk of a file must be. */
export interface ChunkManifest extends ChunkLayout {
  /** SHA-256 of the whole file, lower-case hex: its name in the store and its ETag. */
  readonly digest: string;
  /** BLAKE3 of each chunk, 64 lower-case hex digits. */
  readonly chunks: readonly string[];
}

/** What an Ostinato server cuts its files into: large enough for a fast line, little enough to fetch again. */
export const defaultChunkBytes = 4 * 1024 * 1024;

/** A list says what a receiver holds in memory, so a stranger's is kept within bounds. */
const largestChunkBytes = 64 * 1024 * 1024;
const smallestChunkBytes = 1024;
const mostChunks = 65_536;

export const chunkCount = ({ bytes, chunkBytes }: ChunkLayout): number => Math.ceil(bytes / chunkBytes);

/** Where a chunk lies in its file; `end` is exclusive. */
export const chunkRange = ({ bytes, chunkBytes }: ChunkLayout, index: number) => ({
  begin: index * chunkBytes,
  end: Math.min(bytes, (index + 1) * chunkBytes),
});

/** Reads a stranger's list; null for anything that does not describe a whole file. */
export function readChunkManifest(value: unknown): ChunkManifest | null {
  if (!isObject(value)) return null;
  const { digest, bytes, chunk_bytes: chunkBytes, chunks } = value;
  if (!isDigest(digest) || !isCount(bytes) || !isCount(chunkBytes) || !Array.isArray(chunks)) return null;
  if (chunkBytes < smallestChunkBytes || chunkBytes > largestChunkBytes || chunks.length > mostChunks) return null;
  if (chunks.length !== chunkCount({ bytes, chunkBytes }) || !chunks.every(isDigest)) return null;
  return { digest, bytes, chunkBytes, chunks };
}

/** As it travels. */
export const chunkManifestJson = ({ digest, bytes, chunkBytes, chunks }: ChunkManifest) => ({
  digest,
  bytes,
  chunk_bytes: chunkBytes,
  chunks,
});
