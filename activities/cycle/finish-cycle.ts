import { keepNewest } from '../../adapters/artifacts/retention.ts';
import type { ModelManifest } from '../../domain/model-manifest.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';

/**
 * Closes the books of a cycle: one transaction. Only then old checkpoints go, since nothing of this cycle needs them
 * any more; a crash in between leaves them to the next cycle.
 */
export const finishCycle =
  (deps: ValidatorDeps): CycleActivities['finishCycle'] =>
  async ({ record }) => {
    const { ledger, models, store, checkpointsKept, log } = deps;
    const { root } = await ledger.cycles.finish(record);
    const needed = new Set<string>();
    for (const digest of [record.modelBefore.manifest, record.modelAfter.manifest]) {
      for (const each of refsOf(await models.manifest(digest))) needed.add(each);
    }
    const removed = await keepNewest(store, checkpointsKept, needed);
    if (removed > 0) log.info({ event: 'checkpoints_removed', removed }, `Removed ${removed} old checkpoints`);
    return { merkleRoot: root };
  };

const refsOf = ({ parts, full, momentum }: ModelManifest): readonly string[] => [
  full.digest,
  ...parts.map(({ ref }) => ref.digest),
  ...momentum.map(({ ref }) => ref.digest),
];
