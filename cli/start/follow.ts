import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';

/** A server that is away comes back, or the operator ends the process. */
const retryMs = 5_000;

/** What came of a start. */
export interface Started {
  readonly workflowId: string;
  /** Whether a run of an earlier start is open. The id is the lock: that one goes on, and nothing was started. */
  readonly joined: boolean;
}

/** Tells a start from one that found a run open. @throws whatever else keeps the workflow from being started */
export async function startedOrJoined(workflowId: string, starting: Promise<unknown>): Promise<Started> {
  try {
    await starting;
    return { workflowId, joined: false };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, joined: true };
    throw error;
  }
}

/**
 * Starts again when the run that was joined has done its work. An earlier start may have asked for so many cycles and no
 * more, and its last one may end in the very moment of this start: without that, the process would go on serving its task
 * queues, and no cycle would ever begin. A run that failed or that somebody ended on purpose stays ended.
 *
 * Settles with the start of an own run or with the signal, and never rejects.
 */
export async function followJoined(
  client: Client,
  { workflowId, joined }: Started,
  start: () => Promise<Started>,
  signal: AbortSignal,
): Promise<void> {
  let follows = joined;
  while (follows && !signal.aborted) {
    try {
      // Called off before the connection closes: the SDK would try once more on a channel that is gone, and throw where
      // nobody catches.
      await client.withAbortSignal(signal, () => client.workflow.getHandle(workflowId).result());
      follows = !signal.aborted && (await start()).joined;
    } catch (error) {
      if (error instanceof WorkflowFailedError) return;
      // Without `ref`: a process that ends by itself has closed its connection and waits for nothing here.
      await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
