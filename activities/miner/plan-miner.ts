import { joinAsMiner } from '../../domain/miner-plan.ts';
import { scheduleAfter } from '../../domain/schedule-change.ts';
import { milliseconds } from '../../domain/units.ts';
import { beating } from '../beating.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

/** Which cycle to mine, and by which schedule; it is captured, so that a change of lengths waits for the next cycle. */
export const planMiner =
  ({ chain, rules, schedules, captured, hotkey, log }: MinerIoDeps): MinerIoActivities['planMiner'] =>
  async ({ next }) => {
    const given = await beating(() => schedules.current());
    if (given.stale !== null)
      log.warn({ event: 'schedule_stale', hotkey }, `The schedule is the last known one: ${given.stale}`);
    const last = await captured.read();
    // Planned before, and asked again: the answer may have been lost, but not the schedule that others go by already.
    const again = last !== null && next !== null && last.cycle >= next;
    const schedule = again ? last.schedule : scheduleAfter(last, given.schedule).schedule;
    const { number: head } = await chain.head();
    const cycle = joinAsMiner(schedule, head, next);
    await captured.write({ cycle, schedule });
    const blockTimeMs = milliseconds(await chain.blockTimeMs());
    return { ...rules, schedule, blockTimeMs, genesis: chain.genesis, head, cycle };
  };
