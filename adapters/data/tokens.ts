import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { fail } from '../../domain/errors/error.ts';

/** Tokens in memory: bytes where the vocabulary is bytes, else numbers. */
export type Tokens = Uint8Array | Int32Array;

/** Tokens one after another, in memory or in a file. */
export interface TokenSequence {
  readonly length: number;
  slice(begin: number, end: number): Tokens;
}

/**
 * Tokens in a file, which may be larger than memory. Reading is synchronous: a row has a few kilobytes, which lie in
 * the page cache, and whoever asks computes on them for far longer.
 */
export class TokenFile implements TokenSequence {
  readonly #path: string;
  readonly #width: 1 | 4;
  readonly length: number;

  /** @param width bytes of a token, little-endian */
  constructor(path: string, width: 1 | 4, length: number) {
    this.#path = path;
    this.#width = width;
    this.length = length;
  }

  slice(begin: number, end: number): Tokens {
    const bytes = new Uint8Array(Math.max(0, end - begin) * this.#width);
    const file = openSync(this.#path, 'r');
    try {
      for (let filled = 0; filled < bytes.length; ) {
        const count = readSync(file, bytes, filled, bytes.length - filled, begin * this.#width + filled);
        if (count === 0) throw fail('OST_DATASET_FILE', { file: basename(this.#path), problem: 'it was cut' });
        filled += count;
      }
    } finally {
      closeSync(file);
    }
    return this.#width === 1 ? bytes : new Int32Array(bytes.buffer);
  }
}
