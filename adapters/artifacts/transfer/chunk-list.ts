import { type ChunkManifest, readChunkManifest } from '../../../domain/chunk-manifest.ts';
import { parseJson } from '../../../domain/read-value.ts';
import { boundedText } from '../../http/bounded-text.ts';
import type { Line } from './request.ts';

export const chunkListType = 'application/vnd.ostinato.chunks+json';

/** 65,536 hashes with room to spare. */
const maxListBytes = 6 * 1024 * 1024;

/**
 * Asks a server what its file's chunks must be. Null where it has no such list: a server of an older version, or one
 * of another kind, answers with an error or with the file itself, and the download goes on without.
 */
export async function fetchChunkList(line: Line, url: string, signal?: AbortSignal): Promise<ChunkManifest | null> {
  // As a range, for a signature that was seen is good for ranges only. A list is answered whole all the same.
  const answer = await line.get(url, { accept: chunkListType, range: 'bytes=0-0' }, signal);
  const type = String(answer.headers['content-type'] ?? '');
  if (answer.statusCode !== 200 || !type.startsWith(chunkListType)) {
    await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
    return null;
  }
  return readChunkManifest(parseJson((await boundedText(answer.body, maxListBytes)) ?? ''));
}
