import { beating } from '../beating.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';

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
