import { heartbeat } from '@temporalio/activity';
import { readSafetensorsHeader } from '../../adapters/artifacts/safetensors-header.ts';
import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { sketchUpdate } from '../../adapters/model/update-sketch.ts';
import { readPartHeader } from '../../adapters/published-model/part-header.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { minerFault, ok, ourFault } from '../../domain/outcome.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { SubmissionActivities } from './activities.ts';

/**
 * Judges the bytes once more, from the store: the model server did so before it took them, but what decides a score
 * rests on what lies on the disk now. Bytes that are no longer what they were are our fault.
 */
export const verifySubmission =
  ({ store, models, log }: ValidatorDeps): SubmissionActivities['verifySubmission'] =>
  async ({ digest, modelHash, group, model, seed }) => {
    heartbeat();
    const sound = await beating(() => store.verify(digest));
    if (sound !== 'sound') return ourFault('artifact_missing', `the file ${digest} is ${sound} in our store`);
    try {
      const { parts } = await models.manifest(model.manifest);
      const part = parts.find((each) => each.part === group);
      if (part === undefined) return minerFault('expert_group_or_nan', `the model has no group ${group}`);
      const { tensors } = await readSafetensorsHeader(store.path(digest));
      const expected = await readPartHeader(store, part.ref.digest);
      const stranger = [...tensors.keys()].find((name) => !expected.tensors.has(name));
      if (stranger !== undefined) {
        return minerFault('expert_group_or_nan', `the tensor ${stranger} is none of group ${group}`);
      }
      if (tensors.size !== expected.tensors.size) {
        return minerFault(
          'expert_group_or_nan',
          `it has ${tensors.size} of the group's ${expected.tensors.size} tensors`,
        );
      }
      const found = await hashTensors(store.path(digest));
      if (found.hash !== modelHash) return minerFault('hash', `the tensors hash to ${found.hash}`);
      if (found.nonFinite > 0) {
        return minerFault('expert_group_or_nan', `${found.nonFinite} elements are not finite`);
      }
      log.debug({ event: 'submission_verified', digest, modelHash, group }, `Verified ${digest}`);
      return ok({ sketch: await sketchUpdate(store.path(part.ref.digest), store.path(digest), seed, group) });
    } catch (error) {
      if (isOstinatoError(error, 'OST_ARTIFACT_MISSING', 'OST_MODEL_PART_DAMAGED')) {
        return ourFault('artifact_missing', error.message);
      }
      if (isOstinatoError(error) && error.fault === 'miner') return minerFault('malformed_file', error.message);
      throw error;
    }
  };
