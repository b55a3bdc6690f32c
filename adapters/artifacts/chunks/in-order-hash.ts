import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { blake3 } from '@napi-rs/blake-hash';
import { type ChunkLayout, chunkRange } from '../../../domain/chunk-manifest.ts';

/** How far reading came; `bad` says that the chunk there is not what was recorded. */
export interface Advance {
  readonly at: number;
  readonly bad: boolean;
}

/** SHA-256 over a file whose chunks become complete one after the other. */
export interface InOrderHash {
  /** Reads on up to this chunk, exclusive; stops at a chunk whose bytes are others than recorded. */
  advance(to: number): Promise<Advance>;
  /** Of all that was read. */
  digest(): Promise<string>;
  close(): Promise<void>;
}

export interface HashJob extends ChunkLayout {
  readonly path: string;
  /** What is known of chunks, by index: of those that an earlier process left, or of all where there is a list. */
  readonly recorded: ReadonlyMap<number, string>;
  /** Whether that stays known when a chunk comes again: a list does, what an earlier process wrote down does not. */
  readonly lasting: boolean;
}

/** What the thread says, to a chunk's number or to null, which asks for the digest. */
export interface ThreadAnswer {
  readonly advance?: Advance;
  readonly digest?: string;
  readonly error?: unknown;
}

/** Computes it where it is called, chunk by chunk. */
export function hashInOrder(job: HashJob): InOrderHash {
  const sha = createHash('sha256');
  const recorded = new Map(job.recorded);
  const buffer = Buffer.allocUnsafe(Math.min(job.chunkBytes, Math.max(1, job.bytes)));
  let opened: FileHandle | null = null;
  let at = 0;
  return {
    async advance(to) {
      opened ??= await open(job.path, 'r');
      for (; at < to; at += 1) {
        const { begin, end } = chunkRange(job, at);
        const { bytesRead } = await opened.read(buffer, 0, end - begin, begin);
        const chunk = buffer.subarray(0, bytesRead);
        const hash = recorded.get(at);
        if (bytesRead !== end - begin || (hash !== undefined && hex(chunk) !== hash)) {
          if (!job.lasting) recorded.delete(at);
          return { at, bad: true };
        }
        sha.update(chunk);
      }
      return { at, bad: false };
    },
    digest: async () => sha.copy().digest('hex'),
    async close() {
      await opened?.close();
    },
  };
}

const hex = (bytes: Uint8Array): string => blake3(bytes).toString('hex');
