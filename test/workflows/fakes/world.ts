import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { hotkey } from '../../../domain/units.ts';
import { type Queues, queuesOf, type Role } from '../../../temporal/ids.ts';
import type { TestTemporal } from '../../setup/temporal.ts';
import { startFakeWorkers } from './workers.ts';

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
  let workers: AsyncDisposable | null = null;
  beforeAll(async () => {
    workers = await startFakeWorkers<A>(temporal, { role, hotkey: own, names, scenarios, except });
  });
  afterAll(async () => {
    await workers?.[Symbol.asyncDispose]();
  });

  return {
    hotkey: own,
    queue: queuesOf(role, own).workflows,
    /** Takes a test's activities in, and gives the chain label that its workflows go by: that of a genesis hash. */
    enter(scenario: A, label = randomUUID().slice(0, 8)): string {
      scenarios.set(label, scenario);
      return label;
    },
  };
}
