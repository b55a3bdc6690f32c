import { joinCycle } from '../../domain/cycle-join.ts';
import { fail } from '../../domain/errors/error.ts';
import { type NextSchedule, scheduleAfter } from '../../domain/schedule-change.ts';
import { milliseconds } from '../../domain/units.ts';
import { beating } from '../beating.ts';
import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';
import { modelRecord } from './model-record.ts';

/** Which cycle to work on, by which schedule and rules and from which model; the schedule is captured for others. */
export const planCycle =
  (deps: ValidatorDeps): CycleActivities['planCycle'] =>
  async ({ next }) => {
    const { chain, ledger, models, store, netuid, hotkey, rules, schedules, captured, log } = deps;
    const given = await beating(() => schedules.current());
    if (given.stale !== null)
      log.warn({ event: 'schedule_stale', hotkey }, `The schedule is the last known one: ${given.stale}`);
    const { number: head } = await chain.head();
    const scope = { genesis: chain.genesis, netuid };
    // A workflow that is started anew knows nothing of the past; the ledger does.
    const latest = await ledger.cycles.latest(hotkey, scope);
    const first = next ?? (latest === null ? null : latest.record.cycle + 1);
    const after = scheduleAfter(latest?.record ?? null, given.schedule);
    const joined = joinCycle(after.schedule, head, first);
    const served = await models.current();
    if (served === null) throw fail('OST_CYCLE_NO_MODEL', { folder: store.folder });
    const missing = await beating(() => models.mend(served.manifest));
    if (missing.length > 0) {
      const fields = { event: 'model_files_missing', hotkey, hash: served.manifest.hash, missing };
      log.warn(fields, `${missing.length} files of model ${served.manifest.hash} are missing in ${store.folder}`);
    }
    await captured.write({ cycle: joined.cycle, schedule: after.schedule });
    return {
      ...rules,
      ...joined,
      schedule: after.schedule,
      scheduleNotes: notesOf(after, latest?.record.schedule.name ?? '', given.stale),
      genesis: chain.genesis,
      netuid,
      hotkey,
      head,
      blockTimeMs: milliseconds(await chain.blockTimeMs()),
      model: modelRecord(served),
      ...(missing.length === 0 ? {} : { modelFilesMissing: missing.length }),
    };
  };

function notesOf(
  { schedule, changed, between }: NextSchedule,
  before: string,
  stale: string | null,
): readonly string[] {
  const gap = between === null ? '' : `; blocks ${between.start}–${between.end} are in no cycle`;
  return [
    ...(changed ? [`schedule changed from ${before} to ${schedule.name}${gap}`] : []),
    ...(stale === null ? [] : [`last known schedule ${schedule.name}: ${stale}`]),
  ];
}
