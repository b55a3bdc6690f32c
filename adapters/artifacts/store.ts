import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactRef, MediaType } from '../../domain/artifact.ts';
import type { ChunkManifest } from '../../domain/chunk-manifest.ts';
import { fail } from '../../domain/errors/error.ts';
import { isDigest } from '../../domain/read-value.ts';
import { isMissing, syncFolder } from './atomic-file.ts';
import { chunkListPath, storedChunks } from './chunks/list.ts';
import { ArtifactHolds } from './holds.ts';
import { type ArtifactSource, type Incoming, incoming, type ReceiveOptions, receive } from './incoming.ts';
import { sweepTemporaryFiles } from './temporary-files.ts';

/** Large reads halve the cost of a byte. */
const readBytes = 2 * 1024 * 1024;

/** A part of a file, at least one byte; `end` is exclusive. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

export interface StoredArtifact {
  readonly digest: string;
  readonly bytes: number;
}

/**
 * Files whose names are the SHA-256 of their bytes. What is visible is complete; an artefact never changes; putting
 * the same bytes again changes nothing. Several processes may use one folder.
 */
export interface ArtifactStore {
  readonly folder: string;
  /** For files of living processes; what is in it goes with them. On the same disk. */
  readonly temporary: string;
  /** Where an artefact lies, whether it is there or not. Throws OST_ARTIFACT_MISSING for what is no digest. */
  path(digest: string): string;
  has(digest: string): Promise<boolean>;
  /** Its size, or null where it is missing. */
  stat(digest: string): Promise<StoredArtifact | null>;
  /** Takes bytes in without showing them, so that they can be judged first. */
  receive(source: ArtifactSource, options?: ReceiveOptions): Promise<Incoming>;
  /** Takes a file on the same disk whose digest was computed already; it moves when it is kept. */
  adopt(file: { readonly path: string; readonly digest: string; readonly bytes: number }): Incoming;
  /** Stores bytes. Throws OST_DISK_FULL, OST_ARTIFACT_TOO_LARGE or what the source throws. */
  put(source: ArtifactSource, mediaType: MediaType, options?: ReceiveOptions): Promise<ArtifactRef>;
  /** Opens an artefact for reading; whoever asked closes it. Throws OST_ARTIFACT_MISSING. */
  open(digest: string): Promise<FileHandle>;
  /**
   * What its chunks hash to; kept beside it once it was asked for. Throws OST_ARTIFACT_MISSING, OST_ARTIFACT_DIGEST.
   */
  chunks(digest: string): Promise<ChunkManifest>;
  /** Reads all bytes again. */
  verify(digest: string): Promise<'sound' | 'damaged' | 'missing'>;
  /**
   * Says that an artefact is in use, so that tidying up leaves it where it is; it need not be there. The call that
   * comes back ends the use, after `lingerMs`.
   */
  hold(digest: string, lingerMs?: number): Promise<() => void>;
  /** What the living processes of this store use now. */
  held(): Promise<ReadonlySet<string>>;
  /** Removes an artefact; it may be gone already. */
  remove(digest: string): Promise<void>;
  list(): Promise<readonly StoredArtifact[]>;
}

/** Opens a store, making its folder, and removes what writers left that have ended. */
export async function openStore(path: string): Promise<ArtifactStore> {
  const folder = resolve(path);
  const folders = { store: folder, temporary: join(folder, 'tmp') };
  await mkdir(folders.temporary, { recursive: true });
  await sweepTemporaryFiles(folders.temporary);
  const holds = await ArtifactHolds.open(join(folder, 'holds'));

  const pathOf = (digest: string): string => {
    // A digest may come from a peer: anything else would be a way out of the folder.
    if (!isDigest(digest)) throw fail('OST_ARTIFACT_MISSING', { digest, folder });
    return join(folder, digest);
  };
  const statOf = async (digest: string): Promise<StoredArtifact | null> => {
    try {
      return { digest, bytes: (await stat(pathOf(digest))).size };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };
  // Several clients ask for the list of a new model at once: it is computed for the first and told to all.
  const listing = new Map<string, Promise<ChunkManifest>>();
  return {
    folder,
    temporary: folders.temporary,
    path: pathOf,
    stat: statOf,
    has: async (digest) => (await statOf(digest)) !== null,
    receive: (source, options = {}) => receive(folders, source, options),
    adopt: ({ path: from, digest, bytes }) => incoming(folder, from, digest, bytes),
    async put(source, mediaType, options = {}) {
      const announced = source instanceof Uint8Array ? source.length : await sizeOf(source);
      const expected = announced === null ? {} : { expectedBytes: announced };
      await using received = await receive(folders, source, { ...expected, ...options });
      return await received.keep(mediaType);
    },
    async open(digest) {
      return await open(pathOf(digest), 'r').catch((error: unknown) => {
        throw isMissing(error) ? fail('OST_ARTIFACT_MISSING', { digest, folder }, { cause: error }) : error;
      });
    },
    async chunks(digest) {
      const path = pathOf(digest);
      if ((await statOf(digest)) === null) throw fail('OST_ARTIFACT_MISSING', { digest, folder });
      const running = listing.get(digest) ?? storedChunks(path, digest).finally(() => listing.delete(digest));
      listing.set(digest, running);
      return await running;
    },
    async verify(digest) {
      if ((await statOf(digest)) === null) return 'missing';
      const sha = createHash('sha256');
      for await (const chunk of createReadStream(pathOf(digest), { highWaterMark: readBytes })) sha.update(chunk);
      return sha.digest('hex') === digest ? 'sound' : 'damaged';
    },
    hold: (digest, lingerMs) => holds.hold(digest, lingerMs),
    held: () => holds.all(),
    async remove(digest) {
      await rm(pathOf(digest), { force: true });
      await rm(chunkListPath(pathOf(digest)), { force: true });
      await syncFolder(folder);
    },
    async list() {
      const found = await Promise.all((await readdir(folder)).filter(isDigest).map(statOf));
      return found.filter((artifact) => artifact !== null);
    },
  };
}

const sizeOf = async (source: Exclude<ArtifactSource, Uint8Array>): Promise<number | null> =>
  'file' in source && typeof source.file === 'string' ? (await stat(source.file)).size : null;
