import { phaseRange, type Schedule } from '../phases.ts';
import { type Blocks, blocks } from '../units.ts';

export interface MergeDeadlines {
  /** The last block in which an announcement counts. */
  readonly announce: Blocks;
  /** The last block in which a vouch counts. */
  readonly vouch: Blocks;
}

/**
 * The blocks by which validators must have spoken: two fifths into Merge to announce, seven tenths to vouch, which
 * leaves the rest for the step. A Merge of one block has both in it; whoever cannot keep up is late, and not waited
 * for.
 */
export function mergeDeadlines(schedule: Schedule, cycle: number): MergeDeadlines {
  const { start, end } = phaseRange(schedule, cycle, 'Merge');
  const at = (tenths: number) => blocks(start + Math.floor(((end - start) * tenths) / 10));
  return { announce: at(4), vouch: at(7) };
}
