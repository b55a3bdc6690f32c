import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import { decodeTable, type FloatFormat, isFloatFormat } from '../../domain/merge/float-formats.ts';
import { readFully } from '../artifacts/read-fully.ts';
import { readSafetensorsHeader, type SafetensorsHeader, type TensorEntry } from '../artifacts/safetensors-header.ts';

/** Elements in one step over a tensor: a chunk of each of a few files fits the processor's caches. */
export const chunkElements = 256 * 1024;

export interface Chunk {
  readonly name: string;
  /** The first element. */
  readonly begin: number;
  readonly count: number;
}

export const elementsOf = ({ shape }: TensorEntry): number => shape.reduce((product, extent) => product * extent, 1);

/** The chunks of one tensor in their order; none of one without elements. */
export function* chunksOf(name: string, entry: TensorEntry): Generator<Chunk> {
  const elements = elementsOf(entry);
  for (let begin = 0; begin < elements; begin += chunkElements) {
    yield { name, begin, count: Math.min(chunkElements, elements - begin) };
  }
}

const elementBytes: Readonly<Record<FloatFormat, 2 | 4>> = { F32: 4, BF16: 2, F16: 2 };

/**
 * Reads the tensors of a safetensors file chunk by chunk, so that a file of any size needs little memory. What a read
 * returns is good until the next one: the buffers are used again.
 */
export class TensorFile implements AsyncDisposable {
  readonly header: SafetensorsHeader;
  readonly #name: string;
  readonly #handle: FileHandle;
  readonly #buffer = new ArrayBuffer(chunkElements * 4);
  readonly #values = new Float32Array(chunkElements);
  readonly #tables = new Map<'BF16' | 'F16', Float32Array>();

  private constructor(path: string, header: SafetensorsHeader, handle: FileHandle) {
    this.#name = basename(path);
    this.header = header;
    this.#handle = handle;
  }

  /** @throws OST_SAFETENSORS_*, or the system's errors */
  static async open(path: string): Promise<TensorFile> {
    const header = await readSafetensorsHeader(path);
    return new TensorFile(path, header, await open(path, 'r'));
  }

  /** The type of a tensor's elements. @throws OST_MODEL_DTYPE for what is no float of 16 or 32 bits, or is not there */
  format(name: string): FloatFormat {
    const dtype = this.header.tensors.get(name)?.dtype ?? 'none';
    if (!isFloatFormat(dtype)) throw fail('OST_MODEL_DTYPE', { tensor: name, dtype });
    return dtype;
  }

  /** Elements of a 16-bit type as they are. */
  async codes(chunk: Chunk): Promise<Uint16Array> {
    await this.#fill(chunk, 2);
    return new Uint16Array(this.#buffer, 0, chunk.count);
  }

  /** Elements of any of the types as float32, which holds each of them exactly. */
  async values(chunk: Chunk): Promise<Float32Array<ArrayBuffer>> {
    const format = this.format(chunk.name);
    await this.#fill(chunk, elementBytes[format]);
    if (format === 'F32') return new Float32Array(this.#buffer, 0, chunk.count);
    const table = this.#tables.get(format) ?? decodeTable(format);
    this.#tables.set(format, table);
    const codes = new Uint16Array(this.#buffer, 0, chunk.count);
    const values = this.#values.subarray(0, chunk.count);
    for (let i = 0; i < values.length; i++) values[i] = table[codes[i] ?? 0] ?? 0;
    return values;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #fill({ name, begin, count }: Chunk, size: 2 | 4): Promise<void> {
    const entry = this.header.tensors.get(name);
    if (entry === undefined) throw fail('OST_MODEL_DTYPE', { tensor: name, dtype: 'none' });
    const bytes = new Uint8Array(this.#buffer, 0, count * size);
    if (await readFully(this.#handle, bytes, entry.begin + begin * size)) return;
    throw fail('OST_SAFETENSORS_TRUNCATED', { file: this.#name, problem: 'it was cut while it was read' });
  }
}
