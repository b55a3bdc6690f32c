import { type Evaluator, type EvaluatorOptions, startEvaluator } from './evaluator.ts';

/** One evaluator and what it is doing. */
interface Slot {
  readonly evaluator: Evaluator;
  jobs: number;
  /** Counts up with each failure of any slot: the one that failed longest ago, or never, comes first. */
  failed: number;
}

export interface PoolOptions extends Omit<EvaluatorOptions, 'device'> {
  /** One process for each device. */
  readonly processes: number;
  readonly threads: number;
}

/**
 * Several evaluators as one, each a process on a device of its own. A job goes to one that is idle; where several are,
 * not to one that failed last: a job that is tried again thus lands on another device.
 */
export async function startEvaluators({ processes, threads, ...options }: PoolOptions): Promise<Evaluator> {
  const share = Math.max(1, Math.floor(threads / processes));
  const starting = Array.from({ length: processes }, (_, device) =>
    startEvaluator({ ...options, threads: share, device }),
  );
  const started = await Promise.allSettled(starting);
  const evaluators = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const broken = started.find((each) => each.status === 'rejected');
  const [first] = evaluators;
  if (broken !== undefined || first === undefined) {
    await Promise.all(evaluators.map((evaluator) => evaluator.close()));
    throw broken?.reason ?? new RangeError('a pool of no evaluators');
  }
  return evaluators.length === 1 ? first : pooled(first, evaluators);
}

function pooled({ chosen }: Evaluator, evaluators: readonly Evaluator[]): Evaluator {
  const slots: readonly Slot[] = evaluators.map((evaluator) => ({ evaluator, jobs: 0, failed: 0 }));
  let failures = 0;
  const give = async <T>(work: (evaluator: Evaluator) => Promise<T>): Promise<T> => {
    const [slot] = slots.toSorted((a, b) => a.jobs - b.jobs || a.failed - b.failed);
    if (slot === undefined) throw new RangeError('a pool of no evaluators');
    slot.jobs += 1;
    try {
      return await work(slot.evaluator);
    } catch (error) {
      failures += 1;
      slot.failed = failures;
      throw error;
    } finally {
      slot.jobs -= 1;
    }
  };
  return {
    chosen,
    evaluate: (job, signal) => give((evaluator) => evaluator.evaluate(job, signal)),
    compare: (job, base, signal) => give((evaluator) => evaluator.compare(job, base, signal)),
    close: async () => {
      await Promise.all(evaluators.map((evaluator) => evaluator.close()));
    },
  };
}
