import type { Readable } from 'node:stream';
import { blake3 } from '@napi-rs/blake-hash';
import { ChunkFile } from '../../adapters/artifacts/chunks/chunk-file.ts';
import { FollowingHash } from '../../adapters/artifacts/chunks/following-hash.ts';
import { interruptible } from '../../adapters/artifacts/interruptible.ts';
import { Assembler } from '../../adapters/artifacts/transfer/assembler.ts';
import type { ChunkManifest } from '../../domain/chunk-manifest.ts';
import { fail } from '../../domain/errors/error.ts';
import { type Gap, gapOf } from './upload-sessions.ts';

/** What became of some bytes: more are missing, or the whole is there and is what it was said to be. */
export type Appended = { readonly gap: Gap; readonly complete: boolean };

interface Append {
  readonly to: string;
  readonly list: ChunkManifest;
  /** The byte at which the sender goes on. */
  readonly from: number;
  readonly body: Readable;
  readonly signal: AbortSignal;
  /** Told whenever a chunk is safe, and before an error. */
  readonly onGap: (gap: Gap) => void;
}

/**
 * Adds bytes to an upload. Each chunk is checked against the list before it counts, so that what was damaged on its
 * way, or has rotted on this disk since, is asked for again and nothing else is.
 *
 * @throws OST_UPLOAD_OFFSET, OST_UPLOAD_CHUNK, OST_UPLOAD_DIGEST, OST_DISK_FULL, the signal's reason
 */
export async function appendUpload({ to, list, from, body, signal, onGap }: Append): Promise<Appended> {
  const of = { bytes: list.bytes, chunkBytes: list.chunkBytes, tag: `"${list.digest}"` };
  await using file = await ChunkFile.open(to, of);
  const gap = (): Gap => {
    const found = gapOf(list, (index) => file.has(index));
    onGap(found);
    return found;
  };
  await using hash = new FollowingHash(
    file,
    null,
    (index) => file.drop(index),
    () => undefined,
  );
  const { offset, until } = gap();
  if (from !== offset) throw fail('OST_UPLOAD_OFFSET', { offset, given: from });
  const assembler = new Assembler(of, offset / list.chunkBytes, async (index, chunk) => {
    const found = blake3(chunk).toString('hex');
    if (found !== list.chunks[index]) throw fail('OST_UPLOAD_CHUNK', { index });
    await file.write(index, chunk, found);
    // Its own errors come back from digest().
    hash.follow().catch(() => undefined);
  });
  let left = until - offset;
  try {
    for await (const part of interruptible<Uint8Array>(body, signal)) {
      left -= part.length;
      if (left < 0) throw fail('OST_UPLOAD_OFFSET', { offset: until, given: until - left });
      await assembler.take(part);
    }
  } finally {
    await assembler.end().finally(gap);
  }
  if (file.missing().length > 0) return { gap: gap(), complete: false };
  const digest = await hash.digest();
  if (digest === null) return { gap: gap(), complete: false };
  if (digest !== list.digest) throw fail('OST_UPLOAD_DIGEST', { actual: digest, expected: list.digest });
  return { gap: gap(), complete: true };
}
