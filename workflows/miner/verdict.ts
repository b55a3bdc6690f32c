import { ActivityFailure } from '@temporalio/common';
import { isCancellation, log } from '@temporalio/workflow';
import type { MinerIoActivities } from '../../activities/miner/activities.ts';
import type { Submitted } from '../../domain/miner-plan.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import { textOf } from '../../temporal/failures.ts';
import type { BlockClock } from '../shared/block-clock.ts';

type Io = Pick<MinerIoActivities, 'fetchVerdict'>;

/** Blocks between two questions: a validator closes its books within a block or two of a cycle's end. */
const askEveryBlocks = 2;

/**
 * Fetches the validator's verdict on a submission. The validator may be late or away, so it is asked again until a
 * block; nobody waits for it.
 */
export async function learnVerdict(io: Io, clock: BlockClock, submitted: Submitted, until: Blocks): Promise<void> {
  try {
    while (await isOpen(io, submitted)) {
      const { number } = await clock.head();
      if (number + askEveryBlocks > until) return;
      await clock.reach(blocks(number + askEveryBlocks), 'a verdict');
    }
  } catch (error) {
    // A verdict is news and no more: what keeps it from being fetched must not end a cycle.
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn(`No verdict of cycle ${submitted.cycle}: ${textOf(error)}`, { event: 'verdict_missing' });
  }
}

const isOpen = async (io: Io, submitted: Submitted): Promise<boolean> =>
  (await io.fetchVerdict(submitted)).kind === 'not_yet';
