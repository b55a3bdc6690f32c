import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError, isMissing, syncFolder, writeAll, writeAtomically } from '../atomic-file.ts';

/**
 * The part of a file that has arrived so far, beside the name it will get, with the ETag it belongs to. Only its
 * digest at the end says that it is right: a length alone proves nothing after a crash.
 */
export class PartialFile {
  readonly #to: string;
  readonly #path: string;
  readonly #tagPath: string;
  #sha: Hash = createHash('sha256');
  #bytes = 0;
  #etag: string | null = null;

  constructor(to: string) {
    this.#to = to;
    this.#path = `${to}.partial`;
    this.#tagPath = `${to}.partial.etag`;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What the bytes belong to; null where there are none that can be continued. */
  get etag(): string | null {
    return this.#etag;
  }

  /** Takes up what an earlier attempt left, hashing it anew. */
  async resume(): Promise<void> {
    this.#sha = createHash('sha256');
    this.#bytes = 0;
    this.#etag = null;
    try {
      const etag = await readFile(this.#tagPath, 'utf8');
      if ((await stat(this.#path)).size === 0) return;
      for await (const chunk of createReadStream(this.#path, { highWaterMark: 1024 * 1024 })) {
        this.#sha.update(chunk);
        this.#bytes += chunk.length;
      }
      this.#etag = etag;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** Forgets everything that has arrived. */
  async restart(): Promise<void> {
    await rm(this.#tagPath, { force: true });
    await rm(this.#path, { force: true });
    await this.resume();
  }

  /** Opens it for more bytes of the file with this ETag, which must be noted before the first of them. */
  async append(etag: string | null): Promise<FileHandle> {
    if (etag !== null && etag !== this.#etag) {
      await writeAtomically(this.#tagPath, (handle) => writeAll(handle, Buffer.from(etag)));
      this.#etag = etag;
    }
    // Bytes without a known ETag are of no use and are overwritten.
    return open(this.#path, this.#bytes === 0 ? 'w' : 'a');
  }

  async write(handle: FileHandle, chunk: Uint8Array, expectedBytes: number): Promise<void> {
    try {
      await writeAll(handle, chunk);
    } catch (error) {
      throw diskError(error, dirname(this.#to), expectedBytes - this.#bytes);
    }
    this.#sha.update(chunk);
    this.#bytes += chunk.length;
  }

  digest(): string {
    return this.#sha.copy().digest('hex');
  }

  /** Gives the file its name; the bytes are on disk before the name is. */
  async finish(): Promise<void> {
    {
      await using handle = await open(this.#path, 'r+');
      await handle.sync();
    }
    await rename(this.#path, this.#to);
    await rm(this.#tagPath, { force: true });
    await syncFolder(dirname(this.#to));
  }
}
