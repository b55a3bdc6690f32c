import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import type { ModelManifest, ModelPart, Part } from '../../domain/model-manifest.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { hashTensors, hashTensorsOf } from '../artifacts/tensor-hash.ts';
import { storeFull } from './full-file.ts';

/** File names of a base model's parts: `model_shared.safetensors`, `model_expgroup_0.safetensors`, … */
const partOf = (name: string): Part | null => {
  if (name === 'model_shared.safetensors') return 'shared';
  const group = /^model_expgroup_(\d+)\.safetensors$/.exec(name)?.[1];
  return group === undefined ? null : Number(group);
};

const rank = (part: Part): number => (part === 'shared' ? -1 : part);

interface PartFile {
  readonly name: string;
  readonly part: Part;
}

/** The part files of a base model, the shared one first. */
async function partFiles(folder: string): Promise<readonly PartFile[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name): PartFile[] => {
    const part = partOf(name);
    return part === null ? [] : [{ name, part }];
  });
  if (found.length < 2) throw fail('OST_MODEL_BASE_MISSING', { folder });
  return found.toSorted((a, b) => rank(a.part) - rank(b.part));
}

/** The number of expert groups of a base model. */
export const modelGroups = async (folder: string): Promise<number> => (await partFiles(folder)).length - 1;

/** Takes a folder of part files into the store as version 0. */
export async function importBase(folder: string, store: ArtifactStore): Promise<ModelManifest> {
  const found = await partFiles(folder);
  const parts: ModelPart[] = [];
  for (const { name, part } of found) {
    const file = join(folder, name);
    const ref = await store.put({ file }, 'application/vnd.safetensors');
    parts.push({ part, ref, hash: (await hashTensors(file)).hash });
  }
  const { hash } = await hashTensorsOf(parts.map(({ ref }) => store.path(ref.digest)));
  return { version: 0, hash, parts, full: await storeFull(parts, store), momentum: [] };
}
