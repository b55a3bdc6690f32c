import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import type { ModelManifest, PublishedModel } from '../../domain/model-manifest.ts';
import { isMissing, writeAll, writeAtomically } from '../artifacts/atomic-file.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import type { PartPaths } from '../model/parts.ts';
import { importBase } from './import-base.ts';
import { mendModel } from './mend.ts';

/** The model versions of a deployment: which one is served, and what any of them consists of. */
export interface PublishedModels {
  /** The one that is served. */
  current(): Promise<PublishedModel | null>;
  /** Raises OST_ARTIFACT_MISSING where the manifest is not in the store. */
  manifest(manifestDigest: string): Promise<ModelManifest>;
  /** Stores a manifest; the same manifest gives the same digest. */
  put(manifest: ModelManifest): Promise<PublishedModel>;
  /** Makes a version the served one. Readers see the old one or the new one and nothing between. */
  publish(manifestDigest: string): Promise<void>;
  /** Makes files anew that vanished, as far as this machine can. @returns digests of what is missing still */
  mend(manifest: ModelManifest): Promise<readonly string[]>;
  paths(manifest: ModelManifest): PartPaths;
  /** Takes the base in where nothing was published yet, and returns what is served. */
  ensureBase(baseFolder: string): Promise<PublishedModel>;
}

/**
 * Opens `DIR/model`. The processes of a deployment share the folder and the store. `baseFolder`, where it is known, is
 * what lost files are made of.
 */
export async function openPublishedModels(
  folder: string,
  store: ArtifactStore,
  baseFolder: string | null = null,
): Promise<PublishedModels> {
  await mkdir(folder, { recursive: true });
  const pointer = join(folder, 'current.json');

  const manifest = async (digest: string): Promise<ModelManifest> => {
    const text = await readFile(store.path(digest), 'utf8').catch((error: unknown) => {
      throw isMissing(error) ? fail('OST_ARTIFACT_MISSING', { digest, folder: store.folder }, { cause: error }) : error;
    });
    // Written by `put` under its own digest: the store's name vouches for the shape.
    return JSON.parse(text) as ModelManifest;
  };
  const put = async (value: ModelManifest): Promise<PublishedModel> => {
    const { digest } = await store.put(Buffer.from(JSON.stringify(value)), 'application/json');
    return { manifest: value, manifestDigest: digest };
  };
  const current = async (): Promise<PublishedModel | null> => {
    const text = await readFile(pointer, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (text === null) return null;
    const { manifest: manifestDigest } = JSON.parse(text) as { readonly manifest: string };
    return { manifest: await manifest(manifestDigest), manifestDigest };
  };
  const publish = async (manifestDigest: string): Promise<void> => {
    const text = JSON.stringify({ ...(await manifest(manifestDigest)), manifest: manifestDigest }, null, 2);
    await writeAtomically(pointer, (handle) => writeAll(handle, Buffer.from(`${text}\n`)));
  };
  return {
    current,
    manifest,
    put,
    publish,
    mend: (value) => mendModel(value, store, baseFolder),
    paths: (value) => partPaths(value, store),
    async ensureBase(baseFolder) {
      const served = await current();
      if (served !== null) return served;
      const base = await put(await importBase(baseFolder, store));
      await publish(base.manifestDigest);
      return base;
    },
  };
}

/** Where a version's part files lie, groups in ascending order. */
export function partPaths({ parts }: ModelManifest, store: ArtifactStore): PartPaths {
  const shared = parts.find(({ part }) => part === 'shared');
  const groups = parts.flatMap(({ part, ref }) => (part === 'shared' ? [] : [{ part, ref }]));
  return {
    shared: store.path(shared?.ref.digest ?? ''),
    groups: groups.toSorted((a, b) => a.part - b.part).map(({ ref }) => store.path(ref.digest)),
  };
}
