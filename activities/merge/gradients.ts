import { accumulate } from '../../adapters/merge/accumulate.ts';
import { outerStep } from '../../adapters/published-model/merge.ts';
import type { GradientRef } from '../../domain/merge/messages.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import { modelRecord } from '../cycle/model-record.ts';
import type { MergeActivities, OwnGradients } from './activities.ts';

export const accumulateGradients =
  ({ models, store, log }: ValidatorDeps): MergeActivities['accumulateGradients'] =>
  async ({ model, accepted }) => {
    const base = await models.manifest(model.manifest);
    const gradients: GradientRef[] = [];
    const excluded: OwnGradients['excluded'][number][] = [];
    await beating(async () => {
      for (const { part, ref } of base.parts) {
        const files = accepted
          .filter(({ group }) => group === part)
          .map(({ hotkey, digest }) => ({ hotkey, file: store.path(digest) }));
        if (part === 'shared' || files.length === 0) continue;
        const found = await accumulate(part, store.path(ref.digest), files, store);
        excluded.push(...found.excluded);
        if (found.ref === null) continue;
        const { digest, bytes } = found.ref;
        gradients.push({ group: part, digest, bytes, submissions: found.included.length });
      }
    });
    for (const { hotkey, reason, detail } of excluded) {
      log.warn(
        { event: 'submission_excluded', hotkey, reason },
        `Left ${hotkey} out of the pseudo-gradient: ${detail}`,
      );
    }
    return { gradients: gradients.toSorted((a, b) => a.group - b.group), excluded };
  };

export const mergeGradients =
  ({ models, store, log }: ValidatorDeps): MergeActivities['mergeGradients'] =>
  async ({ model, gradients, contributors, outer, version }) => {
    const base = await models.manifest(model.manifest);
    const stepped = await beating(() => outerStep(base, gradients, { ...outer, version }, store));
    const record = modelRecord(await models.put(stepped));
    log.info(
      { event: 'model_merged', hash: record.hash, version, contributors, gradients: gradients.length },
      `Merged the pseudo-gradients of ${contributors} validators into model ${record.hash}`,
    );
    return record;
  };
