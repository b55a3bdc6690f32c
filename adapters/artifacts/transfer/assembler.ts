import { type ChunkLayout, chunkRange } from '../../../domain/chunk-manifest.ts';

/** Cuts a stream into chunks. While one is written the next one fills: two buffers, and no more, for each lane. */
export class Assembler {
  readonly #layout: ChunkLayout;
  readonly #deliver: (index: number, chunk: Uint8Array) => Promise<void>;
  #buffer: Buffer;
  #spare: Buffer;
  #writing: Promise<void> = Promise.resolve();
  #index: number;
  #filled = 0;

  constructor(layout: ChunkLayout, first: number, deliver: (index: number, chunk: Uint8Array) => Promise<void>) {
    this.#layout = layout;
    this.#index = first;
    this.#deliver = deliver;
    const size = Math.max(1, Math.min(layout.chunkBytes, layout.bytes));
    this.#buffer = Buffer.allocUnsafeSlow(size);
    this.#spare = Buffer.allocUnsafeSlow(size);
  }

  /** The chunk that is filling, and how far. */
  get index(): number {
    return this.#index;
  }

  get filled(): number {
    return this.#filled;
  }

  async take(part: Uint8Array): Promise<void> {
    for (let at = 0; at < part.length; ) {
      const { begin, end } = chunkRange(this.#layout, this.#index);
      const some = Math.min(part.length - at, end - begin - this.#filled);
      this.#buffer.set(part.subarray(at, at + some), this.#filled);
      this.#filled += some;
      at += some;
      if (this.#filled === end - begin) await this.#next();
    }
  }

  /** Waits for what is being written; a chunk that is not full is forgotten. */
  end(): Promise<void> {
    return this.#writing;
  }

  async #next(): Promise<void> {
    await this.#writing;
    this.#writing = this.#deliver(this.#index, this.#buffer.subarray(0, this.#filled));
    // It is waited for at the next chunk, or at the end.
    this.#writing.catch(() => undefined);
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
    this.#index += 1;
    this.#filled = 0;
  }
}
