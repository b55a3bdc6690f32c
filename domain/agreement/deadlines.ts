import { phaseRange, type Schedule } from '../phases.ts';
import { type Blocks, blocks } from '../units.ts';

export interface AgreementDeadlines {
  /** The last block in which a digest counts; the tables follow in the next one, or when all digests are there. */
  readonly digests: Blocks;
  /** The last block in which a table counts. */
  readonly tables: Blocks;
}

/** Blocks that a Merge needs at least to have both rounds in it. */
const leastBlocks = 3;

/**
 * The blocks by which validators must have spoken: as many as the timeout has, from the first block of Merge, half of
 * them for the digests. They end with Merge, in which the vector goes out, and in schedules whose Merge is too short
 * with the block before the cycle's last: whatever is known by then goes out.
 */
export function agreementDeadlines(
  schedule: Schedule,
  cycle: number,
  { timeoutMs, blockTimeMs }: { readonly timeoutMs: number; readonly blockTimeMs: number },
): AgreementDeadlines {
  const { start, end } = phaseRange(schedule, cycle, 'Merge');
  const last = end - start >= leastBlocks ? end : phaseRange(schedule, cycle, 'ValidatorCommit2').end - 1;
  const wanted = Math.max(1, Math.floor(timeoutMs / Math.max(1, blockTimeMs)));
  const span = Math.min(wanted, last - start);
  return { digests: blocks(start + Math.floor((span - 1) / 2)), tables: blocks(start + span) };
}
