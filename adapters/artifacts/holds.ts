import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ownIdentity } from '../processes/identity.ts';
import { sweepTemporaryFiles } from './temporary-files.ts';

interface Held {
  readonly marker: Promise<string | null>;
  users: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Who uses which artefact at this moment, over all processes of a deployment: an empty file for each process and
 * artefact, named for both. A process that dies holds nothing any more, because its name is nobody's then.
 *
 * A hold keeps a file from being tidied away, and no more than that: whoever reads must still expect it to be gone, for
 * an operator may remove anything.
 */
export class ArtifactHolds {
  readonly #folder: string;
  readonly #held = new Map<string, Held>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<ArtifactHolds> {
    await mkdir(folder, { recursive: true });
    return new ArtifactHolds(folder);
  }

  /**
   * Holds an artefact until it is let go, and for `lingerMs` longer: what is fetched in ranges is not in use between
   * two of them.
   */
  async hold(digest: string, lingerMs = 0): Promise<() => void> {
    const held = this.#held.get(digest) ?? { marker: this.#mark(digest), users: 0, timer: null };
    this.#held.set(digest, held);
    if (held.timer !== null) clearTimeout(held.timer);
    held.timer = null;
    held.users += 1;
    await held.marker;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      held.users -= 1;
      if (held.users > 0) return;
      held.timer = setTimeout(() => {
        this.#held.delete(digest);
        void held.marker.then((path) => (path === null ? undefined : rm(path, { force: true }).catch(() => undefined)));
      }, lingerMs);
      held.timer.unref();
    };
  }

  /** What any living process holds. */
  async all(): Promise<ReadonlySet<string>> {
    await sweepTemporaryFiles(this.#folder);
    const names = await readdir(this.#folder);
    return new Set(names.map((name) => name.split('.')[2]?.split('-')[0] ?? ''));
  }

  /** On a disk that takes no file nothing is held, and everything is served as before. */
  async #mark(digest: string): Promise<string | null> {
    const { pid, startTime } = ownIdentity();
    // Each one anew: the end of an earlier hold must not end this one.
    const name = `${pid}.${encodeURIComponent(startTime)}.${digest}-${randomBytes(4).toString('hex')}`;
    const path = join(this.#folder, name);
    try {
      await (await open(path, 'w')).close();
      return path;
    } catch {
      return null;
    }
  }
}
