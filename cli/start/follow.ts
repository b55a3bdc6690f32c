import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
} from '@temporalio/client';

/** What an earlier run's end costs at most before the next cycle begins; the demo's cycles take a minute. */
const askMs = 2_000;

/** A server that is away does not hold up a stop for longer. */
const answerMs = 3_000;

/** What came of a start. */
export interface Started {
  readonly workflowId: string;
  /** Whether a run of an earlier start is open. The id is the lock: that one goes on, and nothing was started. */
  readonly joined: boolean;
}

/** Starts a workflow unless a run of it is open. @throws whatever else keeps the workflow from being started */
export async function startOrJoin(client: Client, type: string, options: WorkflowStartOptions): Promise<Started> {
  const { workflowId } = options;
  try {
    await client.workflow.start(type, { ...options, workflowIdConflictPolicy: 'FAIL' });
    return { workflowId, joined: false };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, joined: true };
    throw error;
  }
}

export interface Following {
  /** Settles with the start of an own run, with the joined one's end on purpose, or with `stop`; never rejects. */
  readonly done: Promise<void>;
  /** To be awaited before the client's connection closes. */
  stop(): Promise<void>;
}

/**
 * Starts again when the run that was joined has done its work. An earlier start may have asked for so many cycles and no
 * more, and its last one may end in the very moment of this start: without that, the process would go on serving its task
 * queues, and no cycle would ever begin. A run that failed or that somebody ended on purpose stays ended.
 *
 * Asks now and then, as a wait for the result is a call that stays open, and the SDK tries a broken one once more on a
 * channel that has been closed meanwhile, and throws where nobody can catch it.
 */
export function followJoined(
  client: Client,
  { workflowId, joined }: Started,
  start: () => Promise<Started>,
): Following {
  const stopped = new AbortController();
  const { signal } = stopped;
  const pause = () => delay(askMs, undefined, { signal }).catch(() => undefined);

  /** Whether there still is an earlier start's run to follow. */
  async function look(): Promise<boolean> {
    const { status, closeTime } = await client.withDeadline(Date.now() + answerMs, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    if (status.name === 'COMPLETED' && !signal.aborted) return (await start()).joined;
    return closeTime === undefined;
  }

  async function follow(): Promise<void> {
    let follows = joined;
    while (follows && !signal.aborted) {
      // A server that does not answer comes back, or the operator ends the process. Only what was deleted is gone.
      follows = await look().catch((error: unknown) => !(error instanceof WorkflowNotFoundError));
      if (follows) await pause();
    }
  }

  const done = follow();
  const stop = () => {
    stopped.abort();
    return done;
  };
  return { done, stop };
}
