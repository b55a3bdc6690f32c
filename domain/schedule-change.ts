import { cycleLength, phaseRange, type Schedule } from './phases.ts';
import { type Blocks, blocks } from './units.ts';

/** The last cycle that this deployment has begun or finished, with the schedule that it went by. */
export interface PreviousCycle {
  readonly schedule: Schedule;
  readonly cycle: number;
}

export interface NextSchedule {
  readonly schedule: Schedule;
  readonly changed: boolean;
  /** Blocks that are in no cycle of either schedule; null where there are none. */
  readonly between: { readonly start: Blocks; readonly end: Blocks } | null;
}

type Given = Pick<Schedule, 'name' | 'lengths'>;

const sameLengths = (a: Given, b: Given): boolean => a.lengths.every((length, index) => length === b.lengths[index]);

/**
 * The schedule of the cycle after `previous`.
 *
 * Phases are anchored at block 0, so that other lengths move every boundary, and the block over the length is no
 * number to count by any more: it would fall back to cycles that are long judged, or leap over hundreds that never
 * were. A deployment therefore counts on. The first cycle under new lengths is the first one that begins, as everybody
 * has it, after the last old one's end; it has the next number. The blocks between the two are in no cycle: whoever
 * judged in them would judge commitments of the old cycle a second time.
 */
export function scheduleAfter(previous: PreviousCycle | null, given: Given): NextSchedule {
  if (previous === null) return { schedule: given, changed: false, between: null };
  const { schedule: old, cycle } = previous;
  const { anchor } = old;
  if (sameLengths(old, given)) {
    const schedule = { ...given, ...(anchor === undefined ? {} : { anchor }) };
    return { schedule, changed: false, between: null };
  }
  const end = phaseRange(old, cycle, 'ValidatorCommit2').end;
  const length = cycleLength(given);
  const start = Math.ceil((end + 1) / length) * length;
  const schedule = { ...given, anchor: { block: blocks(start), cycle: cycle + 1 } };
  const between = start > end + 1 ? { start: blocks(end + 1), end: blocks(start - 1) } : null;
  return { schedule, changed: true, between };
}
