import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import type { Dtype } from './dtype.ts';
import { readEntries } from './safetensors-entries.ts';
import { scanHeader } from './safetensors-scan.ts';

/**
 * A quarter of what the format allows, and far above what {@link maxTensors} need: parsing takes several times the
 * header's size, and whoever reads a stranger's file must do with 256 MiB.
 */
export const maxHeaderJsonBytes = 25_000_000;
/** Far above any model's count; keeps a hostile header from growing into gigabytes of objects. */
export const maxTensors = 100_000;
/** Bytes of the little-endian length in front of the JSON. */
export const lengthBytes = 8;

/** Where one tensor lies. `begin` and `end` are offsets in the file, `end` exclusive; the bytes are little-endian. */
export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a safetensors file holds. All offsets were checked: they fill the file from `headerBytes` on without holes. */
export interface SafetensorsHeader {
  /** Bytes of length field and JSON together: where the tensors' data begins. */
  readonly headerBytes: number;
  /** Size of the whole file. */
  readonly fileBytes: number;
  /** By name, in the order of the file's data. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The length of the JSON that the first eight bytes announce; refuses what cannot be one. */
export function headerJsonBytes(prefix: Uint8Array, fileBytes: number, file = 'the file'): number {
  const refuse = (problem: string) => fail('OST_SAFETENSORS_TRUNCATED', { file, problem });
  if (prefix.length < lengthBytes || fileBytes < lengthBytes) {
    throw refuse(`its ${fileBytes} bytes do not even hold the header's length`);
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const announced = view.getBigUint64(0, true);
  if (announced > BigInt(maxHeaderJsonBytes)) {
    throw refuse(`it announces a header of ${announced} bytes, more than ${maxHeaderJsonBytes}`);
  }
  const json = Number(announced);
  if (json < 2) throw refuse(`it announces a header of ${json} bytes, and the shortest one has 2`);
  if (lengthBytes + json > fileBytes) {
    throw refuse(`it announces a header of ${json} bytes and has ${fileBytes - lengthBytes} left`);
  }
  return json;
}

/**
 * Reads a header from the first bytes of a file (at least the length field and the JSON).
 *
 * @param bytes the beginning of the file, or all of it
 * @param fileBytes the size of the whole file, which the tensors must fill exactly
 * @param file what to call it in errors
 * @throws OST_SAFETENSORS_TRUNCATED, _HEADER, _TENSOR or _LAYOUT; nothing else, whatever the bytes
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileBytes: number, file = 'the file'): SafetensorsHeader {
  const jsonBytes = headerJsonBytes(bytes, fileBytes, file);
  const headerBytes = lengthBytes + jsonBytes;
  if (bytes.length < headerBytes) {
    throw fail('OST_SAFETENSORS_TRUNCATED', { file, problem: `only ${bytes.length} bytes of its header are there` });
  }
  const json = bytes.subarray(lengthBytes, headerBytes);
  return { headerBytes, fileBytes, ...readEntries(parseJson(json, file), { headerBytes, fileBytes, file }) };
}

/**
 * Reads the header of a file without reading its tensors. Errors as {@link parseSafetensorsHeader}, or the system's.
 *
 * @param file what to call it in errors
 */
export async function readSafetensorsHeader(path: string, file = basename(path)): Promise<SafetensorsHeader> {
  await using handle = await open(path, 'r');
  const { size } = await handle.stat();
  const prefix = Buffer.alloc(lengthBytes);
  const { bytesRead } = await handle.read(prefix, 0, lengthBytes, 0);
  const headerBytes = lengthBytes + headerJsonBytes(prefix.subarray(0, bytesRead), size, file);
  const bytes = Buffer.alloc(headerBytes);
  let filled = 0;
  while (filled < headerBytes) {
    const read = await handle.read(bytes, filled, headerBytes - filled, filled);
    if (read.bytesRead === 0) break;
    filled += read.bytesRead;
  }
  return parseSafetensorsHeader(bytes.subarray(0, filled), size, file);
}

function parseJson(json: Uint8Array, file: string): { readonly value: unknown; readonly keys: number } {
  const refuse = (problem: string) => fail('OST_SAFETENSORS_HEADER', { file, problem });
  if (json[0] !== 0x7b) throw refuse('it does not begin with "{"');
  // A tensor has four keys: its name and three fields; the metadata's keys share the same allowance.
  const scan = scanHeader(json, maxTensors * 4);
  if (scan.kind === 'too_deep') throw refuse('it is nested deeper than a header can be');
  if (scan.kind === 'too_many_keys') throw refuse(`it names more than ${maxTensors} tensors`);
  if (scan.kind === 'not_integers') throw refuse('it holds something other than strings and plain integers');
  try {
    // ignoreBOM keeps a byte order mark in the text, where it is an error as it should be.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
    return { value: JSON.parse(text), keys: scan.keys };
  } catch (error) {
    throw fail('OST_SAFETENSORS_HEADER', { file, problem: 'it is no JSON in UTF-8' }, { cause: error });
  }
}
