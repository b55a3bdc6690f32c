import { firstCycle, phaseAt, phaseRange, type Schedule } from './phases.ts';

/**
 * Which cycle a validator works on that finds the chain at `head`.
 *
 * A cycle can be joined up to the last block before Merge: until then a submission that the model server took can
 * still be judged. After that there is nothing to decide any more, and it is recorded as missed; so is every cycle
 * between the last one in the ledger and the one that is joined.
 *
 * @param next the first cycle that is not done yet; null for a validator that has no past.
 */
export function joinCycle(
  schedule: Schedule,
  head: number,
  next: number | null,
): { readonly cycle: number; readonly skipped: readonly number[] } {
  const current = phaseAt(schedule, head).cycle;
  const open = head < phaseRange(schedule, current, 'Merge').start;
  const cycle = Math.max(next ?? 0, firstCycle(schedule), open ? current : current + 1);
  const first = next ?? (open ? cycle : Math.max(current, firstCycle(schedule)));
  return { cycle, skipped: Array.from({ length: Math.max(0, cycle - first) }, (_, index) => first + index) };
}
