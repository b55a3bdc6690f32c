import { hostname } from 'node:os';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { withTypedFailures } from '../temporal/activity-failures.ts';

/** A queue with the activities that this process does for it. */
export interface QueueWork {
  readonly taskQueue: string;
  readonly activities: object;
  /** How many at once. */
  readonly slots: number;
  /** Also runs workflows, from this bundle. */
  readonly workflowBundle?: { readonly codePath: string };
}

/** The workers of one process. */
export interface WorkerSet {
  /** Rejects when a worker fails; resolves after {@link stop}. */
  readonly done: Promise<void>;
  /** Finishes what is in hand as far as the grace allows, and ends. May be called twice. */
  stop(): Promise<void>;
}

/** What runs on is told to stop, then abandoned: its attempts are repeated elsewhere, and all of them may be. */
const graceTime = '2s';
const forceTime = '10s';

export async function startWorkers(
  connection: NativeConnection,
  namespace: string,
  role: string,
  queues: readonly QueueWork[],
): Promise<WorkerSet> {
  const workers = await Promise.all(queues.map((work) => Worker.create(optionsOf(connection, namespace, role, work))));
  const done = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  const stop = (): void => {
    for (const worker of workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
  };
  // One that fails takes the others along: half a process would look alive and do nothing.
  done.catch(stop);
  let stopped: Promise<void> | null = null;
  return {
    done,
    stop: () => {
      stop();
      stopped ??= done.catch(() => undefined);
      return stopped;
    },
  };
}

const optionsOf = (
  connection: NativeConnection,
  namespace: string,
  role: string,
  { taskQueue, activities, slots, workflowBundle }: QueueWork,
): WorkerOptions => ({
  connection,
  namespace,
  taskQueue,
  identity: `${role}@${hostname()}:${process.pid}`,
  activities: withTypedFailures(activities),
  maxConcurrentActivityTaskExecutions: slots,
  // A cancellation travels on a heartbeat; the default would hold it back for most of the heartbeat timeout.
  maxHeartbeatThrottleInterval: '1s',
  shutdownGraceTime: graceTime,
  shutdownForceTime: forceTime,
  ...(workflowBundle === undefined
    ? {}
    : {
        workflowBundle,
        // A few dozen workflows are open at a time; the default sizes the cache by the heap and would take gigabytes.
        maxCachedWorkflows: 500,
        // After a kill, the workflows of the dead process wait this long for it before they go to its successor.
        stickyQueueScheduleToStartTimeout: '3s',
      }),
});
