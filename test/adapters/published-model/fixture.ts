import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TensorSource, writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';
import { openPublishedModels, type PublishedModels } from '../../../adapters/published-model/open.ts';
import { temporaryFolder } from '../model/reference.ts';

export const f32 = (name: string, ...values: readonly number[]): TensorSource => ({
  name,
  dtype: 'F32',
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

/** The one tensor of each group of the tiny base. */
export const groupTensor = (group: number, ...values: readonly number[]): TensorSource =>
  f32(`layers.0.experts.${group}`, ...values);

export interface TinyModel extends AsyncDisposable {
  readonly base: string;
  readonly folder: string;
  readonly store: ArtifactStore;
  readonly models: PublishedModels;
  /** Stores a tensor of a group: a submission, or a pseudo-gradient. */
  put(group: number, ...values: readonly number[]): Promise<{ readonly group: number; readonly digest: string }>;
}

/** A base model of two groups with a handful of numbers, and an empty deployment. */
export async function tinyModel(): Promise<TinyModel> {
  const { path, ...disposable } = await temporaryFolder();
  const base = join(path, 'base');
  await mkdir(base);
  await writeSafetensors(join(base, 'model_shared.safetensors'), [f32('embed', 1, 2)]);
  await writeSafetensors(join(base, 'model_expgroup_0.safetensors'), [groupTensor(0, 1, 2, 3)]);
  await writeSafetensors(join(base, 'model_expgroup_1.safetensors'), [groupTensor(1, 4, 5, 6)]);
  const store = await openStore(join(path, 'artifacts'));
  return {
    ...disposable,
    base,
    folder: join(path, 'model'),
    store,
    models: await openPublishedModels(join(path, 'model'), store),
    async put(group, ...values) {
      const file = join(path, 'submission.safetensors');
      await writeSafetensors(file, [groupTensor(group, ...values)]);
      return { group, digest: (await store.put({ file }, 'application/vnd.safetensors')).digest };
    },
  };
}
