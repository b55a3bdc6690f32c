import type { Road } from './request.ts';

export interface DownloadRequest extends Road {
  readonly url: string;
  /** The file's name once it is complete. One download at a time may work on it. */
  readonly to: string;
  /** What the file must be. Without a digest, a strong ETag that is a SHA-256 is taken at its word and checked. */
  readonly expected?: { readonly digest?: string; readonly bytes?: number };
  readonly maxBytes?: number;
  /** How many ranges are fetched at a time where the server knows ranges; 1 where left out. */
  readonly ranges?: number;
  /** Where the server lists its chunks; with it a chunk that came wrong is known at once, and fetched again alone. */
  readonly chunkList?: string;
  /** What a file is cut into where the server has no list. */
  readonly chunkBytes?: number;
  /** A server that brings less over any such stretch is given up. */
  readonly slowest?: { readonly bytes: number; readonly withinMs: number };
  /** Bytes that arrived, also those of an earlier attempt. Called while old bytes are read back, too. */
  readonly onProgress?: (bytes: number, total: number | null) => void;
  readonly signal?: AbortSignal;
}

export interface Downloaded {
  readonly bytes: number;
  /** SHA-256 of the whole file. */
  readonly digest: string;
  readonly etag: string | null;
  /** Bytes that an earlier attempt had brought. */
  readonly resumedFrom: number;
  /** The answer's headers, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The file is another one than the one whose chunks are there: everything begins anew. Not for callers. */
export class FileChanged extends Error {}

/**
 * Chunks that had been right were damaged on this disk, and are taken back: they have to come again. Not for callers.
 */
export class ChunksDamaged extends Error {}
