import { type ChunkLayout, chunkRange } from '../../../domain/chunk-manifest.ts';
import type { RawSink } from './raw-range.ts';

/** One chunk fills while two are being written: whoever gives bytes must always have somewhere to put the next ones. */
const size = 3;

/** Chunks of a lane in the memory in which they arrived; used for one run after the other. */
export class ChunkRing implements RawSink {
  readonly #layout: ChunkLayout;
  readonly #deliver: (index: number, chunk: Uint8Array) => Promise<void>;
  readonly #onBytes: (bytes: number) => void;
  readonly #buffers: readonly Buffer[];
  readonly #writing = new Set<Promise<void>>();
  #failed: { readonly error: unknown } | null = null;
  #index = 0;
  #filled = 0;

  constructor(
    layout: ChunkLayout,
    deliver: (index: number, chunk: Uint8Array) => Promise<void>,
    onBytes: (bytes: number) => void,
  ) {
    this.#layout = layout;
    this.#deliver = deliver;
    this.#onBytes = onBytes;
    const bytes = Math.max(1, Math.min(layout.chunkBytes, layout.bytes));
    this.#buffers = Array.from({ length: size }, () => Buffer.allocUnsafeSlow(bytes));
  }

  /** Begins a run at a chunk; what the run before had begun is forgotten. */
  start(first: number): void {
    this.#onBytes(-this.#filled);
    this.#index = first;
    this.#filled = 0;
    this.#failed = null;
  }

  space(): Uint8Array {
    const buffer = this.#buffer();
    // Past the last chunk there is nothing to come; a byte is what a caller may rely on.
    return buffer.subarray(this.#filled, Math.max(this.#filled + 1, this.#sizeOf(this.#index)));
  }

  filled(bytes: number, resume: () => void): boolean {
    this.#filled += bytes;
    this.#onBytes(bytes);
    if (this.#filled < this.#sizeOf(this.#index)) return true;
    const chunk = this.#buffer().subarray(0, this.#filled);
    this.#onBytes(-this.#filled);
    const writing = this.#deliver(this.#index, chunk).catch((error: unknown) => {
      this.#failed ??= { error };
    });
    this.#writing.add(writing);
    const full = this.#writing.size >= size - 1;
    void writing.finally(() => {
      this.#writing.delete(writing);
      if (full) resume();
    });
    this.#index += 1;
    this.#filled = 0;
    return !full;
  }

  /** Waits for what is being written. @throws what stopped it */
  async end(): Promise<void> {
    await Promise.all(this.#writing);
    if (this.#failed !== null) throw this.#failed.error;
  }

  #buffer(): Buffer {
    const buffer = this.#buffers[this.#index % size];
    if (buffer === undefined) throw new RangeError('no such buffer');
    return buffer;
  }

  #sizeOf(index: number): number {
    const { begin, end } = chunkRange(this.#layout, index);
    return end - begin;
  }
}
