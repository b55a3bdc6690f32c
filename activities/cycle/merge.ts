import { accumulate } from '../../adapters/merge/accumulate.ts';
import { type GradientFile, outerStep } from '../../adapters/published-model/merge.ts';
import { beating } from '../beating.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';
import { modelRecord } from './model-record.ts';

/** The outer step. Idempotent by content: the same submissions give files of the same names. */
export const mergeSubmissions =
  ({ models, store, log }: ValidatorDeps): CycleActivities['mergeSubmissions'] =>
  async ({ model, accepted, outer, version }) => {
    const base = await models.manifest(model.manifest);
    const gradients: GradientFile[] = [];
    const stepped = await beating(async () => {
      for (const { part, ref } of base.parts) {
        if (part === 'shared') continue;
        const mine = accepted
          .filter(({ group }) => group === part)
          .map(({ hotkey, digest }) => ({ hotkey, file: store.path(digest) }));
        const { ref: gradient } = await accumulate(part, store.path(ref.digest), mine, store);
        if (gradient !== null) gradients.push({ group: part, digest: gradient.digest });
      }
      return outerStep(base, gradients, { ...outer, version }, store);
    });
    const record = modelRecord(await models.put(stepped));
    log.info(
      { event: 'model_merged', hash: record.hash, version, submissions: accepted.length },
      `Merged ${accepted.length} submissions into model ${record.hash}`,
    );
    return record;
  };

export const evaluateModel =
  ({ models, evaluator, evaluationTimeoutMs }: ValidatorDeps): CycleActivities['evaluateModel'] =>
  async ({ model, batches }) => {
    const parts = models.paths(await models.manifest(model.manifest));
    const rows = batches.flatMap(({ group, rows: numbers }) => numbers.map((row) => ({ group, row })));
    const batchSize = batches[0]?.batchSize ?? 1;
    const job = { parts, group: 'all', rows, batchSize, timeoutMs: evaluationTimeoutMs } as const;
    return { mean: (await beating(() => evaluator.evaluate(job))).mean };
  };

export const publishModel =
  ({ models, log }: ValidatorDeps): CycleActivities['publishModel'] =>
  async ({ model }) => {
    await models.publish(model.manifest);
    log.info({ event: 'model_published', hash: model.hash, version: model.version }, `Published model ${model.hash}`);
  };
