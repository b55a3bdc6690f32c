import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, writeAll, writeAtomically } from '../../adapters/artifacts/atomic-file.ts';
import { type ArtifactStore, openStore } from '../../adapters/artifacts/store.ts';
import { temporaryPath } from '../../adapters/artifacts/temporary-files.ts';
import { writeTorchFile } from '../../adapters/artifacts/torch/write.ts';
import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ModelManifest } from '../../domain/model-manifest.ts';
import { KeyLock } from '../http/key-lock.ts';

/**
 * The parts of the served model as files of torch.save, for the originals' clients: each written when it is first asked
 * for, and kept as long as its part is served.
 */
export class TorchCopies {
  readonly store: ArtifactStore;
  readonly #source: ArtifactStore;
  readonly #lock = new KeyLock();

  private constructor(source: ArtifactStore, store: ArtifactStore) {
    this.#source = source;
    this.store = store;
  }

  static async open(source: ArtifactStore): Promise<TorchCopies> {
    return new TorchCopies(source, await openStore(join(source.folder, 'torch')));
  }

  /** The copy of one part; `served` says which others are still of use. */
  async of(part: ArtifactRef, served: ModelManifest): Promise<ArtifactRef> {
    return await this.#lock.run(part.digest, async () => {
      const known = await this.#known(part.digest);
      if (known !== null) return known;
      await this.#tidy(served);
      const path = temporaryPath(this.store.temporary);
      try {
        await writeTorchFile(this.#source.path(part.digest), path);
        const ref = await this.store.put({ file: path }, 'application/octet-stream');
        const text = Buffer.from(JSON.stringify(ref));
        await writeAtomically(this.#note(part.digest), (handle) => writeAll(handle, text));
        return ref;
      } finally {
        await rm(path, { force: true });
      }
    });
  }

  #note(digest: string): string {
    return join(this.store.folder, `${digest}.json`);
  }

  async #known(digest: string): Promise<ArtifactRef | null> {
    try {
      // Written by this very class, whole or not at all.
      const ref: ArtifactRef = JSON.parse(await readFile(this.#note(digest), 'utf8'));
      return (await this.store.has(ref.digest)) ? ref : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async #tidy({ parts }: ModelManifest): Promise<void> {
    const served = new Set(parts.map(({ ref }) => `${ref.digest}.json`));
    for (const note of (await readdir(this.store.folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name))) {
      if (served.has(note)) continue;
      const ref = await this.#known(note.slice(0, 64));
      if (ref !== null) await this.store.remove(ref.digest);
      await rm(join(this.store.folder, note), { force: true });
    }
  }
}
