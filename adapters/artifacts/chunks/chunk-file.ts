import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { blake3 } from '@napi-rs/blake-hash';
import { chunkCount, chunkRange } from '../../../domain/chunk-manifest.ts';
import { diskError, syncFolder } from '../atomic-file.ts';
import { type ChunkedFile, ChunkLedger, readChunkLedger } from './ledger.ts';

/** Where a file in progress lies, beside the name it will get. */
export const partialPath = (to: string): string => `${to}.partial`;
export const ledgerPath = (to: string): string => `${to}.partial.chunks`;

/** Forgets a file in progress. */
export async function discardPartial(to: string): Promise<void> {
  // The ledger first: chunks without one are nothing, and a ledger without its chunks would be a lie.
  await rm(ledgerPath(to), { force: true });
  await rm(partialPath(to), { force: true });
}

/**
 * A file that arrives in chunks, in any order. It has its full length from the beginning, so neither length nor
 * presence says that it is complete: the ledger does, and in the end its digest.
 */
export class ChunkFile implements AsyncDisposable {
  readonly of: ChunkedFile;
  /** What an earlier process had recorded, by index; to be read back before it is believed. */
  readonly resumed: ReadonlyMap<number, string>;
  readonly #to: string;
  readonly #handle: FileHandle;
  readonly #ledger: ChunkLedger;
  /** All chunks before it are there. */
  #frontier = 0;
  #bytes = 0;

  private constructor(to: string, of: ChunkedFile, handle: FileHandle, ledger: ChunkLedger) {
    this.#to = to;
    this.of = of;
    this.#handle = handle;
    this.#ledger = ledger;
    this.resumed = new Map(ledger.chunks);
    for (const index of this.resumed.keys()) this.#bytes += this.#sizeOf(index);
    this.#settle();
  }

  /** Opens it, going on with an earlier process's chunks where they are of the same file. */
  static async open(to: string, of: ChunkedFile): Promise<ChunkFile> {
    const kept = await readChunkLedger(ledgerPath(to));
    const same = kept !== null && of.tag !== null && kept.of.tag === of.tag && kept.of.bytes === of.bytes;
    // Cut in another way, the same bytes still cannot be told chunk by chunk.
    const goesOn = same && kept.of.chunkBytes === of.chunkBytes;
    if (!goesOn) await discardPartial(to);
    try {
      const handle = await open(partialPath(to), constants.O_RDWR | constants.O_CREAT);
      try {
        await handle.truncate(of.bytes);
        const chunks = goesOn ? kept.chunks : new Map<number, string>();
        return new ChunkFile(to, of, handle, await ChunkLedger.open(ledgerPath(to), { of, chunks }));
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw diskError(error, dirname(to), of.bytes);
    }
  }

  get path(): string {
    return partialPath(this.#to);
  }

  get count(): number {
    return chunkCount(this.of);
  }

  get frontier(): number {
    return this.#frontier;
  }

  /** Bytes in recorded chunks. */
  get bytes(): number {
    return this.#bytes;
  }

  has(index: number): boolean {
    return this.#ledger.chunks.has(index);
  }

  /** What a chunk was recorded with. */
  hash(index: number): string | undefined {
    return this.#ledger.chunks.get(index);
  }

  missing(): number[] {
    return Array.from({ length: this.count }, (_, index) => index).filter((index) => !this.has(index));
  }

  /**
   * Writes one whole chunk and records it.
   *
   * @throws OST_DISK_FULL, OST_DISK_READ_ONLY or the system's error; nothing is recorded then
   */
  async write(index: number, bytes: Uint8Array, hash: string = blake3(bytes).toString('hex')): Promise<void> {
    const { begin } = chunkRange(this.of, index);
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, begin + at);
        at += bytesWritten;
      }
      await this.#ledger.add(index, hash);
    } catch (error) {
      throw diskError(error, dirname(this.#to), this.of.bytes - this.bytes);
    }
    this.#bytes += this.#sizeOf(index);
    this.#settle();
  }

  async drop(index: number): Promise<void> {
    if (!this.has(index)) return;
    this.#bytes -= this.#sizeOf(index);
    await this.#ledger.drop(index);
    this.#frontier = Math.min(this.#frontier, index);
  }

  /** Reads recorded chunks back. @returns those whose bytes are others than recorded */
  async damaged(expected: (index: number) => string | undefined = (index) => this.hash(index)): Promise<number[]> {
    const bad: number[] = [];
    const buffer = Buffer.allocUnsafe(this.of.chunkBytes);
    for (let index = 0; index < this.count; index += 1) {
      if (!this.has(index)) continue;
      const { begin, end } = chunkRange(this.of, index);
      const { bytesRead } = await this.#handle.read(buffer, 0, end - begin, begin);
      const found = blake3(buffer.subarray(0, bytesRead)).toString('hex');
      if (bytesRead !== end - begin || found !== expected(index)) bad.push(index);
    }
    return bad;
  }

  /** Gives the complete file its name; the bytes are on disk before the name is. */
  async finish(): Promise<void> {
    await this.#handle.sync();
    await rename(this.path, this.#to);
    await rm(ledgerPath(this.#to), { force: true });
    await syncFolder(dirname(this.#to));
  }

  async discard(): Promise<void> {
    await discardPartial(this.#to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ledger.close();
    await this.#handle.close();
  }

  #sizeOf(index: number): number {
    const { begin, end } = chunkRange(this.of, index);
    return end - begin;
  }

  #settle(): void {
    while (this.#frontier < this.count && this.has(this.#frontier)) this.#frontier += 1;
  }
}
