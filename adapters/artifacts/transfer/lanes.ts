import { blake3 } from '@napi-rs/blake-hash';
import type { ChunkManifest } from '../../../domain/chunk-manifest.ts';
import { fail, isOstinatoError, messageOf } from '../../../domain/errors/error.ts';
import type { ChunkFile } from '../chunks/chunk-file.ts';
import { FollowingHash } from '../chunks/following-hash.ts';
import type { ChunkedFile } from '../chunks/ledger.ts';
import { plainUrl } from './answer.ts';
import { Assembler } from './assembler.ts';
import { ChunkQueue, type Run } from './chunk-queue.ts';
import { ChunkRing } from './chunk-ring.ts';
import { parseContentRange } from './content-range.ts';
import { type Answer, abandon, checkFile, type Headers, headersOf, strongTag } from './headers.ts';
import { type DownloadRequest, FileChanged } from './order.ts';
import { type RawAnswer, rawRange } from './raw-range.ts';
import type { Line } from './request.ts';

/** A chunk that came wrong so often comes wrong always. */
const wrongTimes = 3;

interface Work {
  readonly order: DownloadRequest;
  readonly line: Line;
  readonly file: ChunkFile;
  readonly list: ChunkManifest | null;
  /** The answer that said what the file is; the first lane goes on with it. */
  readonly first: Answer | null;
}

/** Fetches what is missing of a file, several ranges at a time, and hashes the whole beside it. */
export class Lanes implements AsyncDisposable {
  readonly #work: Work;
  readonly #queue: ChunkQueue;
  readonly #hash: FollowingHash;
  readonly #stop = new AbortController();
  readonly #wrong = new Map<number, number>();
  readonly #lanes: number;
  /** Memory that no lane uses just now. */
  readonly #rings: ChunkRing[] = [];
  #first: Answer | null;
  #arriving = 0;
  /** Chunks that came, right or wrong. */
  #delivered = 0;
  #headers: Headers | null = null;

  constructor(work: Work) {
    this.#work = work;
    this.#first = work.first;
    const { file, order } = work;
    // What cannot be told from another file is taken in one stream.
    this.#lanes = file.of.tag === null ? 1 : Math.max(1, order.ranges ?? 1);
    this.#queue = new ChunkQueue(file.of, this.#lanes, file.missing());
    this.#hash = new FollowingHash(
      file,
      work.list?.chunks ?? null,
      (index) => this.#refetch(index),
      () => this.#tell(),
    );
  }

  /** Headers of an answer with a part of this file; null where nothing had to be asked. */
  get headers(): Headers | null {
    return this.#headers;
  }

  /** Bytes on disk and on their way into a chunk. */
  get arrived(): number {
    return this.#work.file.bytes + this.#arriving;
  }

  /** @returns the SHA-256 of the whole, once every chunk is there */
  async run(): Promise<string> {
    for (;;) {
      this.#follow();
      await this.#fetchMissing();
      const digest = await this.#hash.digest();
      if (digest !== null) return digest;
    }
  }

  async #fetchMissing(): Promise<void> {
    while (this.#queue.size > 0) {
      const before = this.#delivered;
      const settled = await Promise.allSettled(Array.from({ length: this.#lanes }, () => this.#lane()));
      if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
      if (this.#queue.size === 0) return;
      const broken = settled.find((each) => each.status === 'rejected');
      if (broken !== undefined) throw broken.reason;
      if (this.#delivered === before) throw this.#broken('it sent less than it said');
    }
  }

  /** One request after the other until nothing is left. A lane that breaks leaves its part to the others. */
  async #lane(): Promise<void> {
    for (let run = this.#queue.take(); run !== null && !this.#stop.signal.aborted; run = this.#queue.take()) {
      try {
        await this.#fetchRun(run);
      } catch (error) {
        // A lane too many for the server, or a broken connection, is no reason to stop the others.
        const passing = isOstinatoError(error, 'OST_TRANSFER_FAILED', 'OST_TRANSFER_UNAVAILABLE');
        if (!passing) this.#stop.abort(error);
        throw error;
      } finally {
        for (let index = run.first; index <= run.last; index += 1) {
          if (!this.#work.file.has(index)) this.#queue.giveBack(index);
        }
      }
    }
  }

  async #fetchRun(run: Run): Promise<void> {
    if (this.#first === null && (await this.#fetchRaw(run))) return;
    const { file } = this.#work;
    const { begin, end } = this.#queue.bytesOf(run);
    const answer = await this.#ask(begin, end);
    await this.#check(answer, begin);
    const assembler = new Assembler(file.of, run.first, (index, chunk) => this.#arrived(index, chunk));
    let took = 0;
    try {
      for await (const part of answer.body) {
        const bytes: Uint8Array = part;
        took += bytes.length;
        if (took > end - begin) throw this.#wrongPart(begin, end, 'more bytes than that');
        const before = assembler.filled;
        await assembler.take(bytes);
        this.#arriving += assembler.filled - before;
        this.#tell();
      }
      await assembler.end();
    } catch (error) {
      await assembler.end().catch(() => undefined);
      throw this.#reason(error);
    } finally {
      this.#arriving -= assembler.filled;
      abandon(answer);
    }
  }

  /** The fast way, for answers that are as plain as they should be; false where this one was not. */
  async #fetchRaw(run: Run): Promise<boolean> {
    const { file, order } = this.#work;
    const { begin, end } = this.#queue.bytesOf(run);
    const headers = rangeHeaders(file.of, begin, end);
    const ring = this.#rings.pop() ?? this.#ring();
    ring.start(run.first);
    try {
      const answer = await rawRange(order.url, headers, { road: order, signal: this.#signal });
      if (answer === null) return false;
      if (!this.#fits(answer, begin, end)) {
        answer.destroy();
        return false;
      }
      this.#headers ??= answer.headers;
      await answer.read(ring);
      await ring.end();
      return true;
    } catch (error) {
      await ring.end().catch(() => undefined);
      throw this.#reason(error);
    } finally {
      this.#rings.push(ring);
    }
  }

  #ring(): ChunkRing {
    return new ChunkRing(
      this.#work.file.of,
      (index, chunk) => this.#arrived(index, chunk),
      (bytes) => {
        this.#arriving += bytes;
        this.#tell();
      },
    );
  }

  /** Whether an answer is of the very part of the very file. What is not is looked at again in the ordinary way. */
  #fits({ headers, bytes }: RawAnswer, begin: number, end: number): boolean {
    const { tag, bytes: total } = this.#work.file.of;
    const range = parseContentRange(headers['content-range']);
    const sameFile = tag === null || (strongTag(headers) ?? tag) === tag;
    const encoded = (headers['content-encoding'] ?? 'identity') !== 'identity';
    return sameFile && !encoded && range?.begin === begin && range.total === total && bytes === end - begin;
  }

  #reason(error: unknown): unknown {
    if (isOstinatoError(error) || this.#stop.signal.aborted) return error;
    return this.#broken(messageOf(error), error);
  }

  get #signal(): AbortSignal {
    const { signal } = this.#work.order;
    return signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, signal]);
  }

  async #ask(begin: number, end: number): Promise<Answer> {
    const first = this.#first;
    this.#first = null;
    if (first !== null) return first;
    const { line, order, file } = this.#work;
    try {
      return await line.get(order.url, rangeHeaders(file.of, begin, end), this.#signal);
    } catch (error) {
      throw isOstinatoError(error) ? error : this.#broken(messageOf(error), error);
    }
  }

  async #check(answer: Answer, begin: number): Promise<void> {
    const { order, file } = this.#work;
    const { tag, bytes } = file.of;
    if (answer.statusCode === 416) {
      await answer.body.dump();
      throw new FileChanged();
    }
    await checkFile(order.url, answer);
    const headers = headersOf(answer);
    const range = parseContentRange(headers['content-range']);
    const sameFile = tag === null || (strongTag(headers) ?? tag) === tag;
    // The whole file, although a part was asked for, means another file; so does another length.
    if (answer.statusCode === 200 || !sameFile || (range?.total ?? bytes) !== bytes) {
      abandon(answer);
      throw new FileChanged();
    }
    if (range?.begin !== begin) {
      abandon(answer);
      throw this.#wrongPart(begin, bytes, 'another part');
    }
    this.#headers ??= headers;
  }

  /**
   * A chunk is complete. Where there is a list, whoever reads it back for the whole's hash finds out if it is wrong.
   */
  async #arrived(index: number, chunk: Uint8Array): Promise<void> {
    const { file, list } = this.#work;
    this.#delivered += 1;
    try {
      await file.write(index, chunk, list?.chunks[index] ?? blake3(chunk).toString('hex'));
    } catch (error) {
      this.#fatal(error);
    }
    this.#follow();
  }

  #fatal(error: unknown): never {
    this.#stop.abort(error);
    throw error;
  }

  #follow(): void {
    this.#hash.follow().catch((error: unknown) => this.#stop.abort(error));
  }

  /** A chunk is not what it must be: it comes again, and nothing else does. */
  async #refetch(index: number): Promise<void> {
    const { file, order } = this.#work;
    const times = (this.#wrong.get(index) ?? 0) + 1;
    this.#wrong.set(index, times);
    if (times >= wrongTimes) this.#fatal(fail('OST_ARTIFACT_CHUNK', { url: plainUrl(order.url), index, times }));
    await file.drop(index);
    this.#queue.giveBack(index);
  }

  #wrongPart(begin: number, end: number, problem: string) {
    return fail('OST_TRANSFER_PART', { url: plainUrl(this.#work.order.url), begin, end, problem });
  }

  #tell(): void {
    this.#work.order.onProgress?.(this.arrived, this.#work.file.of.bytes);
  }

  #broken(detail: string, cause?: unknown) {
    const { url } = this.#work.order;
    return fail('OST_TRANSFER_FAILED', { url: plainUrl(url), bytes: this.#work.file.bytes, detail }, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('over'));
    if (this.#first !== null) abandon(this.#first);
    await this.#hash[Symbol.asyncDispose]();
  }
}

const rangeHeaders = ({ bytes, tag }: ChunkedFile, begin: number, end: number): Headers => ({
  range: `bytes=${begin}-${end === bytes ? '' : end - 1}`,
  ...(tag === null ? {} : { 'if-range': tag }),
});
