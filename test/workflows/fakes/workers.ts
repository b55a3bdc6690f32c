import { activityInfo } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Hotkey } from '../../../domain/units.ts';
import { type Queues, queuesOf, type Role } from '../../../temporal/ids.ts';

/** A server, with one namespace of it and the bundle that its workflows run. */
export interface WorkersPlace {
  readonly address: string;
  readonly namespace: string;
  readonly bundlePath: string;
}

export interface FakeWorkersOptions<A extends object> {
  readonly role: Role;
  readonly hotkey: Hotkey;
  readonly names: readonly (keyof A & string)[];
  /** Activities by the chain label of the workflows that they are for. More may be added while the workers run. */
  readonly scenarios: ReadonlyMap<string, A>;
  /** Queues that a real process serves instead. */
  readonly except?: readonly (keyof Queues)[];
}

/**
 * Starts the workers of one role and one hotkey with scripted activities. Workflows are told by their chain label, the
 * second part of every workflow id.
 */
export async function startFakeWorkers<A extends object>(
  { address, namespace, bundlePath }: WorkersPlace,
  { role, hotkey, names, scenarios, except = [] }: FakeWorkersOptions<A>,
): Promise<AsyncDisposable> {
  const dispatch = (name: string) => async (input: unknown) => {
    const label = activityInfo().workflowExecution?.workflowId.split('/')[1] ?? '';
    const run: unknown = Reflect.get(scenarios.get(label) ?? {}, name);
    if (typeof run !== 'function') throw new Error(`no activity ${name} for the chain ${label}`);
    return run(input) as unknown;
  };
  const activities = Object.fromEntries(names.map((name) => [name, dispatch(name)]));
  const { workflows, ...queues } = queuesOf(role, hotkey);
  const others = Object.entries(queues).flatMap(([name, queue]) =>
    except.some((each) => each === name) ? [] : [queue],
  );
  // Its own, because it may only be closed after the workers.
  const connection = await NativeConnection.connect({ address });
  const common = { connection, namespace, maxHeartbeatThrottleInterval: '200ms' } as const;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: workflows,
      workflowBundle: { codePath: bundlePath },
      maxCachedWorkflows: 50,
    }),
    ...others.map((taskQueue) => Worker.create({ ...common, taskQueue, activities })),
  ]);
  const running = workers.map((worker) => worker.run());
  return {
    async [Symbol.asyncDispose]() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
    },
  };
}
