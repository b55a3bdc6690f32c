import type { ChunkFile } from './chunk-file.ts';
import type { InOrderHash } from './in-order-hash.ts';
import { hashBeside } from './threaded-hash.ts';

/** Chunks read in one go, between two signs of life. */
const stride = 16;

/**
 * The whole file's SHA-256, computed while its chunks still arrive: it follows the frontier of what is complete, so
 * that no second pass is left at the end. On its way it checks every chunk against the list, or, where there is none,
 * what an earlier process recorded.
 */
export class FollowingHash implements AsyncDisposable {
  readonly #file: ChunkFile;
  readonly #hash: InOrderHash;
  readonly #onBad: (index: number) => Promise<void>;
  readonly #onRead: () => void;
  #at = 0;
  #running: Promise<void> | null = null;

  /**
   * `list` is what each chunk must be, where that is known; `onBad` takes a damaged chunk back; `onRead` is a sign of
   * life.
   */
  constructor(
    file: ChunkFile,
    list: readonly string[] | null,
    onBad: (index: number) => Promise<void>,
    onRead: () => void,
  ) {
    this.#file = file;
    const recorded = list === null ? file.resumed : new Map(list.entries());
    this.#hash = hashBeside({ path: file.path, ...file.of, recorded, lasting: list !== null });
    this.#onBad = onBad;
    this.#onRead = onRead;
  }

  /** The frontier may have moved. */
  follow(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Null where a chunk has to come again first. */
  async digest(): Promise<string | null> {
    while (this.#at < this.#file.count) {
      if (this.#file.frontier <= this.#at) return null;
      await this.follow();
    }
    return this.#hash.digest();
  }

  async #run(): Promise<void> {
    while (this.#at < this.#file.frontier) {
      const { at, bad } = await this.#hash.advance(Math.min(this.#file.frontier, this.#at + stride));
      this.#at = at;
      if (bad) await this.#onBad(at);
      this.#onRead();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.catch(() => undefined);
    await this.#hash.close();
  }
}
