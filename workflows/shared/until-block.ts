import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Blocks } from '../../domain/units.ts';
import type { BlockClock } from './block-clock.ts';

/**
 * Does work as long as the head is below `block`, then cancels it: a deadline of the chain, not of the wall clock.
 * What the work makes of its cancellation (a result, an outcome, an error) is its own business and comes back as is.
 */
export async function untilBlock<T>(
  clock: BlockClock,
  block: Blocks,
  purpose: string,
  work: () => Promise<T>,
): Promise<T> {
  const working = new CancellationScope();
  const watching = new CancellationScope();
  const result = working.run(work);
  const watched = watching
    .run(() => clock.reach(block, purpose))
    .then(
      () => working.cancel(),
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
  try {
    return await result;
  } finally {
    watching.cancel();
    await watched;
  }
}
