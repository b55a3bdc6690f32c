import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import type { ArtifactRef, MediaType } from '../../domain/artifact.ts';
import { fail } from '../../domain/errors/error.ts';
import { bytes as bytesUnit } from '../../domain/units.ts';
import { diskError, syncFolder, writeAll } from './atomic-file.ts';
import { interruptible } from './interruptible.ts';
import { temporaryPath } from './temporary-files.ts';

/** Where an artefact's bytes come from. */
export type ArtifactSource = Uint8Array | AsyncIterable<Uint8Array> | { readonly file: string };

export interface ReceiveOptions {
  /** What to call it in errors. */
  readonly name?: string;
  /** More bytes than this end in OST_ARTIFACT_TOO_LARGE. */
  readonly maxBytes?: number;
  /** Bytes that will come, as far as known: checked against the free space before the first is taken. */
  readonly expectedBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Bytes that are complete on disk and hashed, and not yet visible in the store. They become an artefact by `keep` or
 * vanish by `discard`; disposing of them without either discards them.
 */
export interface Incoming extends AsyncDisposable {
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
  keep(mediaType: MediaType): Promise<ArtifactRef>;
  discard(): Promise<void>;
}

/** Room that other writers on the disk may need meanwhile. */
const reserveBytes = 64 * 1024 * 1024;

/** Refuses early what would fill the disk: 5 % and a reserve above what is announced. */
export async function checkFreeSpace(folder: string, expectedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const neededBytes = Math.ceil(expectedBytes * 1.05) + reserveBytes;
  if (bavail * bsize < neededBytes) throw fail('OST_DISK_FULL', { folder, neededBytes });
}

function chunksOf(source: ArtifactSource, signal: AbortSignal | undefined): AsyncIterable<unknown> {
  if (source instanceof Uint8Array) return Readable.from([source]);
  if (!(source instanceof Readable) && Symbol.asyncIterator in source) return interruptible(source, signal);
  const stream = source instanceof Readable ? source : createReadStream(source.file, { highWaterMark: 1024 * 1024 });
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

/** Streams bytes into a temporary file of the store, hashing them on the way; nothing is left of a failure. */
export async function receive(
  folders: { readonly store: string; readonly temporary: string },
  source: ArtifactSource,
  options: ReceiveOptions,
): Promise<Incoming> {
  const { name = 'the file', maxBytes = Number.POSITIVE_INFINITY, signal } = options;
  const path = temporaryPath(folders.temporary);
  const chunks = chunksOf(source, signal);
  const sha = createHash('sha256');
  let bytes = 0;
  try {
    if (options.expectedBytes !== undefined) await checkFreeSpace(folders.store, options.expectedBytes);
    await using handle = await open(path, 'wx');
    for await (const chunk of chunks) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('an artefact is made of bytes');
      bytes += chunk.length;
      if (bytes > maxBytes) throw fail('OST_ARTIFACT_TOO_LARGE', { name, limitBytes: maxBytes });
      sha.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } catch (error) {
    if (chunks instanceof Readable) chunks.destroy();
    await rm(path, { force: true });
    throw diskError(error, folders.store, options.expectedBytes ?? bytes);
  }
  return incoming(folders.store, path, sha.digest('hex'), bytes);
}

/** Bytes on disk with their digest, to be kept or discarded. */
export function incoming(store: string, path: string, digest: string, bytes: number): Incoming {
  let settled = false;
  const discard = async (): Promise<void> => {
    if (settled) return;
    settled = true;
    await rm(path, { force: true });
  };
  return {
    path,
    digest,
    bytes,
    discard,
    [Symbol.asyncDispose]: discard,
    async keep(mediaType) {
      // Others map these files into memory: nobody may write to them again.
      await chmod(path, 0o444);
      // Over an older copy too: the bytes are the same, and a damaged one is mended by it.
      await rename(path, join(store, digest));
      settled = true;
      await syncFolder(store);
      return { digest, bytes: bytesUnit(bytes), mediaType };
    },
  };
}
