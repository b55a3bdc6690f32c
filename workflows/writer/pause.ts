import { CancellationScope, condition, proxyActivities, sleep } from '@temporalio/workflow';
import type { ClockActivities } from '../../activities/clock/await-block.ts';
import type { Blocks } from '../../domain/units.ts';
import { presets } from '../../temporal/presets.ts';
import type { Seen } from './write.ts';

/** Estimated waits longer than this get a durable timer first; the last stretch is an activity, to the very block. */
const activityStretchMs = 120_000;

/** Resolves when `woken` says so, or with the head when it is at `block`. Null for no block to wait for. */
export async function pause(
  chainQueue: string,
  block: Blocks | null,
  seen: Seen | null,
  woken: () => boolean,
): Promise<Blocks | null> {
  if (block === null) {
    await condition(woken);
    return null;
  }
  const clock = proxyActivities<ClockActivities>({ ...presets.blockWait, taskQueue: chainQueue });
  const scope = new CancellationScope();
  const reach = async (): Promise<Blocks> => {
    const estimateMs = seen === null ? 0 : (block - seen.head) * seen.blockTimeMs;
    if (estimateMs > activityStretchMs) {
      await sleep(estimateMs - activityStretchMs, { summary: `about block ${block}` });
    }
    const head = await clock.awaitBlock.executeWithOptions({ summary: `block ${block}` }, [{ block }]);
    return head.number;
  };
  try {
    return await scope.run(() => Promise.race([reach(), condition(woken).then(() => null)]));
  } finally {
    // Ends whichever of the two is still waiting.
    scope.cancel();
  }
}
