import { crc32 } from 'node:zlib';
import { fail } from '../../../domain/errors/error.ts';
import { dtypeBytes } from '../dtype.ts';
import { readFully } from '../read-fully.ts';
import { checkRecord } from './archive.ts';
import type { OpenFile } from './open-file.ts';
import type { TensorValue } from './pickle-values.ts';
import { runStarts, type TensorLayout } from './strides.ts';
import type { StoredRecord } from './zip-layout.ts';

const chunkBytes = 512 * 1024;
/** Elements that lie apart are gathered in memory, as far as this. */
const gatherBytes = 32 * 1024 * 1024;
/** Beyond that they are read run by run, which takes too long where the runs are shorter. */
const shortestRunBytes = 4096;

/** A tensor whose layout was found to lie within its storage. */
export interface PlacedTensor {
  readonly name: string;
  readonly tensor: TensorValue;
  readonly layout: TensorLayout;
  readonly record: StoredRecord;
}

/** Why a tensor's elements cannot be brought into order, or null. */
export function unreadable({ tensor, layout }: Pick<PlacedTensor, 'tensor' | 'layout'>): string | null {
  const width = dtypeBytes[tensor.storage.dtype];
  if (layout.outer.length === 0 || layout.span * width <= gatherBytes) return null;
  if (layout.run * width >= shortestRunBytes) return null;
  return `its elements lie apart, over more than ${gatherBytes} bytes`;
}

/** Streams tensors of one file in row-major order, and checks the checksum of each storage on the way. */
export class TensorStreams {
  readonly #file: OpenFile;
  readonly #signal: AbortSignal | undefined;
  readonly #checked = new Set<StoredRecord>();

  constructor(file: OpenFile, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#signal = signal;
  }

  /** Chunks share one buffer: each is valid until the next is asked for. @throws OST_TORCH_ARCHIVE */
  async *stream(placed: PlacedTensor): AsyncGenerator<Uint8Array> {
    const { tensor, layout, record } = placed;
    const width = dtypeBytes[tensor.storage.dtype];
    const begin = record.begin + tensor.offset * width;
    if (layout.elements * width === record.bytes && layout.outer.length === 0) {
      // The tensor is its whole storage, as nearly all are: one pass over the bytes does for both.
      yield* this.#checkedWhole(record);
      return;
    }
    if (!this.#checked.has(record)) await checkRecord(this.#file, record, this.#signal);
    this.#checked.add(record);
    if (layout.elements === 0) return;
    if (layout.outer.length > 0 && layout.span * width <= gatherBytes) {
      yield* this.#gather(layout, width, begin);
      return;
    }
    for (const start of runStarts(layout.outer)) yield* this.#read(begin + start * width, layout.run * width);
  }

  async *#checkedWhole(record: StoredRecord): AsyncGenerator<Uint8Array> {
    let crc = 0;
    for await (const chunk of this.#read(record.begin, record.bytes)) {
      crc = crc32(chunk, crc);
      yield chunk;
    }
    if (crc !== record.crc) {
      throw this.#refuse(`"${record.name}" does not have the checksum that it announces`);
    }
    this.#checked.add(record);
  }

  async *#read(begin: number, bytes: number): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(Math.min(chunkBytes, bytes));
    for (let at = 0; at < bytes; at += buffer.length) {
      this.#signal?.throwIfAborted();
      const chunk = buffer.subarray(0, Math.min(buffer.length, bytes - at));
      if (!(await readFully(this.#file.handle, chunk, begin + at))) throw this.#refuse('it was cut while it was read');
      yield chunk;
    }
  }

  async *#gather({ span, run, outer }: TensorLayout, width: number, begin: number): AsyncGenerator<Uint8Array> {
    const bytes = new Uint8Array(span * width);
    if (!(await readFully(this.#file.handle, bytes, begin))) throw this.#refuse('it was cut while it was read');
    const buffer = new Uint8Array(chunkBytes);
    const from = elementsOf(bytes, width);
    const to = elementsOf(buffer, width);
    let filled = 0;
    for (const start of runStarts(outer)) {
      for (let at = 0; at < run; at += 1) {
        to[filled] = from[start + at] ?? 0;
        filled += 1;
        if (filled < to.length) continue;
        this.#signal?.throwIfAborted();
        yield buffer;
        filled = 0;
      }
    }
    yield buffer.subarray(0, filled * width);
  }

  #refuse(problem: string): Error {
    return fail('OST_TORCH_ARCHIVE', { file: this.#file.name, problem });
  }
}

/** Whole elements as integers: as floats, the bits of a NaN might not survive. */
function elementsOf(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  if (width === 8) return new BigUint64Array(bytes.buffer);
  if (width === 4) return new Uint32Array(bytes.buffer);
  return width === 2 ? new Uint16Array(bytes.buffer) : bytes;
}
