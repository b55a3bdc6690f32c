import { keepNewest } from '../../adapters/artifacts/retention.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import type { ModelManifest } from '../../domain/model-manifest.ts';
import { withTables } from '../agreement/tables.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';

/** For so many cycles it can be shown who said what; a validator that starts late asks for far fewer. */
const messagesKept = 16;

/**
 * Closes the books of a cycle: one transaction. Only then old checkpoints go, since nothing of this cycle needs them
 * any more; a crash in between leaves them to the next cycle.
 */
export const finishCycle =
  (deps: ValidatorDeps): CycleActivities['finishCycle'] =>
  async ({ record: given }) => {
    const record = await withTables(deps, given);
    const { ledger, models, store, checkpointsKept, log } = deps;
    const { root } = await ledger.cycles.finish(record);
    const needed = new Set<string>();
    // A model that was fetched from the majority is the one that the next cycle starts from.
    const { resynced = null } = record.merge?.readBack ?? {};
    const used = [record.modelBefore, record.modelAfter, ...(resynced === null ? [] : [resynced])];
    for (const { manifest } of used) {
      for (const each of refsOf(await models.manifest(manifest))) needed.add(each);
    }
    await forgetMessages(deps, record);
    const removed = await keepNewest(store, checkpointsKept, needed);
    if (removed > 0) log.info({ event: 'checkpoints_removed', removed }, `Removed ${removed} old checkpoints`);
    return { merkleRoot: root };
  };

/** Peers count cycles by the originals' index: the first block over the length. */
function forgetMessages(
  { ledger }: ValidatorDeps,
  { genesis, netuid, startBlock, schedule }: CycleRecord,
): Promise<number> {
  const length = schedule.lengths.reduce((sum, each) => sum + each, 0);
  return ledger.peers.prune({ genesis, netuid, cycle: Math.floor(startBlock / length) - messagesKept });
}

const refsOf = ({ parts, full, momentum }: ModelManifest): readonly string[] => [
  full.digest,
  ...parts.map(({ ref }) => ref.digest),
  ...momentum.map(({ ref }) => ref.digest),
];
