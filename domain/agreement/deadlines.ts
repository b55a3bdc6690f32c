import { phaseRange, type Schedule } from '../phases.ts';
import { type Blocks, blocks } from '../units.ts';

export interface AgreementDeadlines {
  /** The last block in which a digest counts; the tables follow in the next one, or when all digests are there. */
  readonly digests: Blocks;
  /** The last block in which a table counts. */
  readonly tables: Blocks;
}

/** One for each round; what is sent in the last block of the first is seen in the next. */
const leastSpan = 2;
/** Blocks after its first that a Merge needs, so that its rounds are not the very least. */
const longMerge = 3;

/**
 * The blocks by which validators must have spoken: as many as the timeout has, from the first block of Merge, half of
 * them for the digests. They end with Merge, in which the vector goes out, and in schedules whose Merge is too short
 * with the cycle's last block: whatever is known by then goes out.
 */
export function agreementDeadlines(
  schedule: Schedule,
  cycle: number,
  { timeoutMs, blockTimeMs }: { readonly timeoutMs: number; readonly blockTimeMs: number },
): AgreementDeadlines {
  const { start, end } = phaseRange(schedule, cycle, 'Merge');
  const last = end - start >= longMerge ? end : phaseRange(schedule, cycle, 'ValidatorCommit2').end;
  const wanted = Math.max(leastSpan, Math.floor(timeoutMs / Math.max(1, blockTimeMs)));
  const span = Math.min(wanted, last - start);
  return { digests: blocks(start + Math.floor((span - 1) / 2)), tables: blocks(start + span) };
}
