import { readSafetensorsHeader, type SafetensorsHeader } from '../../adapters/artifacts/safetensors-header.ts';
import type { ArtifactStore } from '../../adapters/artifacts/store.ts';
import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { readPartHeader } from '../../adapters/published-model/part-header.ts';
import { fail } from '../../domain/errors/error.ts';
import type { PublishedModel } from '../../domain/model-manifest.ts';
import type { CommittedSubmission } from './deps.ts';

/**
 * Judges a file that nobody has loaded yet: a sound safetensors file of exactly the group's tensors, all finite, with
 * the hash that was committed.
 *
 * @throws OST_SAFETENSORS_*, OST_SUBMISSION_TENSORS, OST_SUBMISSION_NOT_FINITE, OST_SUBMISSION_HASH, OST_HTTP_NO_MODEL,
 *   OST_ARTIFACT_MISSING, OST_MODEL_PART_DAMAGED
 */
export async function judgeFile(
  path: string,
  committed: CommittedSubmission,
  model: PublishedModel | null,
  store: ArtifactStore,
): Promise<void> {
  if (model === null) throw fail('OST_HTTP_NO_MODEL', {});
  const { group } = committed;
  const part = model.manifest.parts.find((each) => each.part === group);
  if (part === undefined) throw fail('OST_SUBMISSION_TENSORS', { group, problem: 'the model has no such group' });
  const header = await readSafetensorsHeader(path);
  compareTensors(group, header, await readPartHeader(store, part.ref.digest));

  const { hash, nonFinite, firstNonFinite } = await hashTensors(path);
  if (nonFinite > 0) throw fail('OST_SUBMISSION_NOT_FINITE', { count: nonFinite, tensor: firstNonFinite ?? '' });
  if (hash !== committed.modelHash) {
    throw fail('OST_SUBMISSION_HASH', { what: 'file', actual: hash, expected: committed.modelHash });
  }
}

/** @throws OST_SUBMISSION_TENSORS where names, types or shapes differ from the part that was served */
export function compareTensors(group: number, given: SafetensorsHeader, expected: SafetensorsHeader): void {
  const refuse = (problem: string) => fail('OST_SUBMISSION_TENSORS', { group, problem });
  for (const [name, { dtype, shape }] of given.tensors) {
    const wanted = expected.tensors.get(name);
    if (wanted === undefined) throw refuse(`"${name.slice(0, 200)}" is none of its tensors`);
    if (dtype !== wanted.dtype) throw refuse(`"${name}" is ${dtype} instead of ${wanted.dtype}`);
    if (shape.join() !== wanted.shape.join()) {
      throw refuse(`"${name}" has the shape [${shape}] instead of [${wanted.shape}]`);
    }
  }
  for (const name of expected.tensors.keys()) {
    if (!given.tensors.has(name)) throw refuse(`"${name}" is missing`);
  }
}
