import { joinCycle } from '../../domain/cycle-join.ts';
import { fail } from '../../domain/errors/error.ts';
import { milliseconds } from '../../domain/units.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';
import { modelRecord } from './model-record.ts';

/** Which cycle to work on, by which rules and from which model. Reads only. */
export const planCycle =
  ({ chain, ledger, models, store, netuid, hotkey, rules }: ValidatorDeps): CycleActivities['planCycle'] =>
  async ({ next }) => {
    const { number: head } = await chain.head();
    const scope = { genesis: chain.genesis, netuid };
    // A workflow that is started anew knows nothing of the past; the ledger does.
    const latest = await ledger.cycles.latest(hotkey, scope);
    const first = next ?? (latest === null ? null : latest.record.cycle + 1);
    const served = await models.current();
    if (served === null) throw fail('OST_CYCLE_NO_MODEL', { folder: store.folder });
    return {
      ...rules,
      ...joinCycle(rules.schedule, head, first),
      genesis: chain.genesis,
      netuid,
      hotkey,
      head,
      blockTimeMs: milliseconds(await chain.blockTimeMs()),
      model: modelRecord(served),
    };
  };
