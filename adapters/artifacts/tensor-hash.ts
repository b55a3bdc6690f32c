import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Blake2BHasher, Blake2BParam } from '@napi-rs/blake-hash';
import { fail } from '../../domain/errors/error.ts';
import { countNonFinite } from './finite.ts';
import { readFully } from './read-fully.ts';
import { readSafetensorsHeader, type TensorEntry } from './safetensors-header.ts';
import { compareNames } from './safetensors-writer.ts';

/** The digest's length is a parameter of the hash and changes all of it: this is no longer hash cut short. */
const digestBytes = 24;
/** A multiple of every element size. Small enough that hashing one chunk does not hold up the event loop. */
const chunkBytes = 256 * 1024;

export interface TensorHash {
  /** 48 lower-case hex digits. */
  readonly hash: string;
  /** NaN and infinite elements of all float tensors. */
  readonly nonFinite: number;
  /** The first tensor, in order of names, that holds one. */
  readonly firstNonFinite: string | null;
  readonly tensors: number;
  /** Bytes of the tensors, without headers. */
  readonly bytes: number;
}

/**
 * The originals' hash of a safetensors file, with a scan for NaN and infinity in the same pass.
 *
 * @throws the errors of {@link readSafetensorsHeader}
 */
export const hashTensors = (path: string, signal?: AbortSignal): Promise<TensorHash> => hashTensorsOf([path], signal);

/**
 * The hash over the tensors of several files together, as if they were one: blake2b with a digest of 24 bytes over,
 * for each name in code point order, the name's UTF-8 and the tensor's raw bytes. Types, shapes and metadata are not
 * part of it, so that files of different bytes may have one hash.
 *
 * @throws OST_TENSOR_NAME_TWICE, or the errors of {@link readSafetensorsHeader}
 */
export async function hashTensorsOf(paths: readonly string[], signal?: AbortSignal): Promise<TensorHash> {
  const placed = await place(paths);
  await using handles = new AsyncDisposableStack();
  const files = new Map<string, FileHandle>();
  for (const path of paths) files.set(path, handles.use(await open(path, 'r')));

  const parameters = new Blake2BParam();
  parameters.hashLength(digestBytes);
  const hasher = Blake2BHasher.withParams(parameters);
  const buffer = Buffer.alloc(chunkBytes);
  let nonFinite = 0;
  let firstNonFinite: string | null = null;
  let bytes = 0;
  for (const { name, path, entry } of placed) {
    hasher.update(Buffer.from(name));
    const handle = files.get(path);
    for (let at = entry.begin; at < entry.end; ) {
      signal?.throwIfAborted();
      const chunk = buffer.subarray(0, Math.min(chunkBytes, entry.end - at));
      if (handle !== undefined) await fill(handle, chunk, at, path);
      hasher.update(chunk);
      const found = countNonFinite(entry.dtype, chunk);
      if (found > 0) firstNonFinite ??= name;
      nonFinite += found;
      at += chunk.length;
      bytes += chunk.length;
    }
  }
  return { hash: hasher.digest('hex'), nonFinite, firstNonFinite, tensors: placed.length, bytes };
}

interface Placed {
  readonly name: string;
  readonly path: string;
  readonly entry: TensorEntry;
}

async function place(paths: readonly string[]): Promise<readonly Placed[]> {
  const placed = new Map<string, Placed>();
  for (const path of paths) {
    const { tensors } = await readSafetensorsHeader(path);
    for (const [name, entry] of tensors) {
      if (placed.has(name)) throw fail('OST_TENSOR_NAME_TWICE', { tensor: name });
      placed.set(name, { name, path, entry });
    }
  }
  return [...placed.values()].sort((a, b) => compareNames(a.name, b.name));
}

async function fill(handle: FileHandle, chunk: Uint8Array, position: number, path: string): Promise<void> {
  if (await readFully(handle, chunk, position)) return;
  throw fail('OST_SAFETENSORS_TRUNCATED', { file: basename(path), problem: 'it was cut while it was read' });
}
