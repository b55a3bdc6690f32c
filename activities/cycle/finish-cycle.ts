import { join } from 'node:path';
import { keepNewest, sweepTransfers } from '../../adapters/artifacts/retention.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { cycleIndex } from '../../domain/phases.ts';
import { withTables } from '../agreement/tables.ts';
import { beating } from '../beating.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';
import { usesAfter } from './uses.ts';

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
    const { root } = await deps.ledger.cycles.finish(record);
    await forgetMessages(deps, record);
    await beating(() => tidy(deps, record));
    return { merkleRoot: root };
  };

/** Removes what nobody needs any more. Whatever keeps it from that must not keep the cycle from its end. */
async function tidy(deps: ValidatorDeps, record: CycleRecord): Promise<void> {
  const { store, checkpointsKept, downloads, log } = deps;
  try {
    const uses = await usesAfter(deps, record);
    const removed = await keepNewest(store, checkpointsKept, new Set(uses.flatMap(({ digests }) => digests)));
    if (removed > 0) log.info({ event: 'checkpoints_removed', removed }, `Removed ${removed} old checkpoints`);
    // All transfers of this cycle have ended; those of other validators' files go by the originals' index.
    const index = cycleIndex(record.schedule, record.cycle);
    await sweepTransfers(downloads, (what) => !(Number(what) > index));
    await sweepTransfers(join(store.folder, 'pulls'), (what) => !(Number(what) > record.cycle));
  } catch (error) {
    log.warn({ event: 'tidying_failed', cycle: record.cycle, err: error }, 'Old checkpoints could not be removed');
  }
}

/** Peers count cycles by the originals' index: the first block over the length. */
function forgetMessages(
  { ledger }: ValidatorDeps,
  { genesis, netuid, cycle, schedule, hotkey }: CycleRecord,
): Promise<number> {
  return ledger.peers.prune({ genesis, netuid, hotkey, cycle: cycleIndex(schedule, cycle) - messagesKept });
}
