import { type ChunkLayout, chunkRange } from '../../../domain/chunk-manifest.ts';

/** Chunks `first` to `last`, both inclusive, in one request. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Enough bytes in one request that asking costs nothing beside it; few enough that the whole grows from its front. */
const runBytes = 64 * 1024 * 1024;

/** Which chunks somebody still has to ask for. */
export class ChunkQueue {
  readonly #layout: ChunkLayout;
  readonly #lanes: number;
  readonly #open: Set<number>;

  constructor(layout: ChunkLayout, lanes: number, missing: readonly number[]) {
    this.#layout = layout;
    this.#lanes = lanes;
    this.#open = new Set(missing);
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Takes neighbouring chunks, the first ones first, because the whole is hashed in order. A lone lane takes as many
   * as there are; several take less the less there is, so that they end together.
   */
  take(): Run | null {
    const [first] = [...this.#open].toSorted((a, b) => a - b);
    if (first === undefined) return null;
    const fair = Math.ceil(this.#open.size / (2 * this.#lanes));
    const most = this.#lanes === 1 ? this.#open.size : Math.min(fair, Math.ceil(runBytes / this.#layout.chunkBytes));
    let last = first;
    while (last + 1 - first < most && this.#open.has(last + 1)) last += 1;
    for (let index = first; index <= last; index += 1) this.#open.delete(index);
    return { first, last };
  }

  giveBack(index: number): void {
    this.#open.add(index);
  }

  bytesOf({ first, last }: Run): { readonly begin: number; readonly end: number } {
    return { begin: chunkRange(this.#layout, first).begin, end: chunkRange(this.#layout, last).end };
  }
}
