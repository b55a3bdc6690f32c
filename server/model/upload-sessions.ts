import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, writeAll, writeAtomically } from '../../adapters/artifacts/atomic-file.ts';
import { type ChunkManifest, chunkCount, chunkRange } from '../../domain/chunk-manifest.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { ExpectedSubmission } from './upload-checks.ts';

/** An upload in progress, as it is kept on disk: what it has to become, and whose it is. */
export interface UploadSession {
  /** Whoever knows it may add bytes; what bytes, the list of chunks says. */
  readonly id: string;
  readonly expected: ExpectedSubmission;
  readonly list: ChunkManifest;
}

/** Where an upload goes on: the first bytes that are missing. `until` is exclusive; both at the end where none are. */
export interface Gap {
  readonly offset: number;
  readonly until: number;
}

export function gapOf(list: ChunkManifest, has: (index: number) => boolean): Gap {
  const count = chunkCount(list);
  let first = 0;
  while (first < count && has(first)) first += 1;
  let last = first;
  while (last < count && !has(last)) last += 1;
  return first === count
    ? { offset: list.bytes, until: list.bytes }
    : { offset: chunkRange(list, first).begin, until: chunkRange(list, last - 1).end };
}

/**
 * Uploads in progress, one for each miner and cycle, in folders that outlive the process. What belongs to another
 * cycle can no longer be completed, and goes when the next one begins.
 */
export class UploadSessions {
  readonly #folder: string;

  constructor(storeFolder: string) {
    this.#folder = join(storeFolder, 'uploads');
  }

  /** Where an upload's bytes gather. */
  file({ expected }: UploadSession): string {
    return join(this.#place(expected.window.cycle, expected.origin), 'file');
  }

  /** Begins one, or goes on with the miner's where it is of the same file. */
  async begin(expected: ExpectedSubmission, list: ChunkManifest): Promise<UploadSession> {
    const { origin, window } = expected;
    const place = this.#place(window.cycle, origin);
    const before = await this.#read(place);
    const same = before !== null && before.list.digest === list.digest && before.list.chunkBytes === list.chunkBytes;
    if (!same) await rm(place, { recursive: true, force: true });
    const id = same ? before.id : `${window.cycle}.${origin}.${randomBytes(16).toString('hex')}`;
    const session: UploadSession = { id, expected, list };
    await mkdir(place, { recursive: true });
    const text = Buffer.from(JSON.stringify(session));
    await writeAtomically(join(place, 'session.json'), (handle) => writeAll(handle, text));
    return session;
  }

  /** The miner's upload of a cycle. */
  current(cycle: number, hotkey: Hotkey): Promise<UploadSession | null> {
    return this.#read(this.#place(cycle, hotkey));
  }

  async find(id: string): Promise<UploadSession | null> {
    const [cycle, hotkey] = id.split('.');
    if (!/^\d{1,12}\.[1-9A-HJ-NP-Za-km-z]{46,50}\.[0-9a-f]{32}$/.test(id)) return null;
    const session = await this.#read(join(this.#folder, `${cycle}-${hotkey}`));
    return session?.id === id ? session : null;
  }

  async end({ expected }: UploadSession): Promise<void> {
    await rm(this.#place(expected.window.cycle, expected.origin), { recursive: true, force: true });
  }

  /** Removes those that came to their end: a process may be killed between the receipt of a file and {@link end}. */
  async endTaken(isTaken: (session: UploadSession) => Promise<boolean>): Promise<void> {
    for (const name of await this.#names()) {
      const session = await this.#read(join(this.#folder, name));
      if (session !== null && (await isTaken(session))) await this.end(session);
    }
  }

  /** Removes what was begun in other cycles than this one. */
  async sweep(cycle: number): Promise<void> {
    for (const name of await this.#names()) {
      if (!name.startsWith(`${cycle}-`)) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  async #names(): Promise<readonly string[]> {
    return await readdir(this.#folder).catch(() => []);
  }

  #place(cycle: number, hotkey: Hotkey): string {
    return join(this.#folder, `${cycle}-${hotkey}`);
  }

  async #read(place: string): Promise<UploadSession | null> {
    try {
      // Written by this very class, whole or not at all.
      return JSON.parse(await readFile(join(place, 'session.json'), 'utf8'));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}
