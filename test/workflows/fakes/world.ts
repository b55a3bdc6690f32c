import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { activityInfo } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { hotkey } from '../../../domain/units.ts';
import { type Queues, queuesOf, type Role } from '../../../temporal/ids.ts';
import type { TestTemporal } from '../../setup/temporal.ts';

/**
 * The workers of one role and one hotkey, with the run's bundle and activities that each test brings: a test's
 * workflows are told by their chain label, the second part of every workflow id.
 */
export function fakeWorld<A extends object>(
  temporal: TestTemporal,
  role: Role,
  names: readonly (keyof A & string)[],
  own = hotkey(role === 'validator' ? '5Validator' : '5Miner'),
  /** Queues that a real process of the test's serves instead. */
  except: readonly (keyof Queues)[] = [],
) {
  const scenarios = new Map<string, A>();
  const dispatch = (name: string) => async (input: unknown) => {
    const label = activityInfo().workflowExecution?.workflowId.split('/')[1] ?? '';
    const run: unknown = Reflect.get(scenarios.get(label) ?? {}, name);
    if (typeof run !== 'function') throw new Error(`no activity ${name} for the chain ${label}`);
    return run(input) as unknown;
  };
  const activities = Object.fromEntries(names.map((name) => [name, dispatch(name)]));
  const { workflows, ...queues } = queuesOf(role, own);
  const others = Object.entries(queues).flatMap(([name, queue]) =>
    except.some((each) => each === name) ? [] : [queue],
  );
  const running: { readonly worker: Worker; readonly done: Promise<void> }[] = [];
  let connection: NativeConnection | null = null;

  beforeAll(async () => {
    // Its own, because it may only be closed after the workers.
    connection = await NativeConnection.connect({ address: temporal.address });
    const common = {
      connection,
      namespace: temporal.namespace,
      maxHeartbeatThrottleInterval: '50ms',
    } as const;
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: workflows,
        workflowBundle: { codePath: temporal.bundlePath },
        maxCachedWorkflows: 50,
      }),
      ...others.map((taskQueue) => Worker.create({ ...common, taskQueue, activities })),
    ]);
    running.push(...workers.map((worker) => ({ worker, done: worker.run() })));
  });
  afterAll(async () => {
    for (const { worker } of running) worker.shutdown();
    await Promise.all(running.map(({ done }) => done));
    await connection?.close();
  });

  return {
    hotkey: own,
    queue: workflows,
    /** Takes a test's activities in, and gives the chain label that its workflows go by: that of a genesis hash. */
    enter(scenario: A, label = randomUUID().slice(0, 8)): string {
      scenarios.set(label, scenario);
      return label;
    },
  };
}
