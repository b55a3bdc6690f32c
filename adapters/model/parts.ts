import { join } from 'node:path';
import type { Part } from '../../domain/model-manifest.ts';

/** Absolute paths of a model's safetensors files; `groups` is indexed by group. */
export interface PartPaths {
  readonly shared: string;
  readonly groups: readonly string[];
}

/** The name of a part's file, in the model's folder as in the graphs' external data. */
export const partFile = (part: Part): string =>
  part === 'shared' ? 'model_shared.safetensors' : `model_expgroup_${part}.safetensors`;

/** The paths of a model's parts that lie together in one folder under their own names, as the base does. */
export function assembleParts(folder: string, groups: number): PartPaths {
  return {
    shared: join(folder, partFile('shared')),
    groups: Array.from({ length: groups }, (_, group) => join(folder, partFile(group))),
  };
}

/** The same model with another file for one group: a candidate. */
export const replaceGroup = (parts: PartPaths, group: number, path: string): PartPaths => ({
  shared: parts.shared,
  groups: parts.groups.map((original, index) => (index === group ? path : original)),
});
