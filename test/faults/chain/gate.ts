import type { WorkflowHandle } from '@temporalio/client';
import type { Activity } from '../../workflows/writer-harness.ts';

/** Activities that do nothing until a block comes. */
const waitingForBlocks: ReadonlySet<string> = new Set([
  'submitExtrinsic',
  'confirmExtrinsic',
  'confirmFinality',
  'watchReveal',
  'awaitBlock',
]);

/** What an activity needs at most to ask its endpoint once it has begun; it waits for a block after that. */
const calmMs = 40;

/** Of Temporal's pending activities: begun, and not waiting for a worker or for its next attempt. */
const started = 2;

/**
 * Tells when the next block may be built: when the writer has done what it can do without one. A slow machine then
 * makes a run longer, and not another; and while a dead worker is waited for, no era passes.
 */
export class Gate {
  #changedAt = Date.now();

  watch(run: Activity): Activity {
    return async (...input) => {
      this.#changedAt = Date.now();
      try {
        return await run(...input);
      } finally {
        this.#changedAt = Date.now();
      }
    };
  }

  async opens(writer: WorkflowHandle): Promise<void> {
    this.#changedAt = Date.now();
    do {
      await new Promise((resolve) => setTimeout(resolve, 15));
    } while (Date.now() - this.#changedAt < calmMs || (await isBusy(writer)));
  }
}

/** Whether the writer decides something, or an activity of it does anything but wait for a block. */
async function isBusy(writer: WorkflowHandle): Promise<boolean> {
  const { raw } = await writer.describe();
  if (raw.pendingWorkflowTask != null) return true;
  return (raw.pendingActivities ?? []).some(
    ({ activityType, state }) => state !== started || !waitingForBlocks.has(activityType?.name ?? ''),
  );
}
