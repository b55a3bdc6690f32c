import { fail } from '../../domain/errors/error.ts';
import type { ProviderSetting } from '../../domain/execution-provider.ts';
import type { Turns } from '../processes/turns.ts';
import { mean } from './batch.ts';
import { type ModelChild, startChild } from './child.ts';
import { errorFrom } from './child-error.ts';
import type { EvaluateMessage, EvaluatorAnswer } from './evaluator-protocol.ts';
import type { HeldOutRow, RowLosses } from './loss-model.ts';
import { childMemoryLimit } from './memory-limit.ts';
import type { PartPaths } from './parts.ts';
import type { ChosenProvider } from './providers.ts';

export interface EvaluationJob {
  /** Absolute paths. A candidate is the published model with another file for one group. */
  readonly parts: PartPaths;
  /** The group whose submission is judged and whose file may therefore be at fault; `'all'`: all files are our own. */
  readonly group: number | 'all';
  readonly rows: readonly HeldOutRow[];
  readonly batchSize: number;
  readonly timeoutMs: number;
}

export interface EvaluationResult {
  /** Nats per byte of each row, in the order of the job's rows. */
  readonly losses: readonly number[];
  /** Their mean in that order; infinite where a row has no finite loss, for bad rows must not drop out of a mean. */
  readonly mean: number;
  /** Rows without a finite loss. */
  readonly nonFinite: number;
}

export interface Comparison {
  readonly before: EvaluationResult;
  readonly after: EvaluationResult;
  /** Rows on which the base had to be computed; it is known on the others from earlier jobs. */
  readonly baseRowsComputed: number;
}

/** Computes losses in a warm child process, one job after the other. */
export interface Evaluator {
  /**
   * @throws OST_MODEL_EVALUATION_TIMEOUT, OST_MODEL_CHILD_DIED (the next job finds a new process), the signal's
   *   reason, OST_MODEL_SHAPE_MISMATCH or a safetensors error where the candidate's file is at fault
   */
  evaluate(job: EvaluationJob, signal?: AbortSignal): Promise<EvaluationResult>;
  /**
   * The same job on the base and then on the candidate, by one process, with nothing in between: two devices would
   * differ in the last digits. The base is computed once for all jobs on its rows, for as long as the process lives.
   *
   * @throws as {@link Evaluator.evaluate}; a base that does not fit is never the miner's fault
   */
  compare(job: EvaluationJob, base: PartPaths, signal?: AbortSignal): Promise<Comparison>;
  /** Where it computes, for people. */
  readonly chosen: ChosenProvider;
  /** Ends the process; jobs that are not done fail with OST_MODEL_STOPPED. */
  close(): Promise<void>;
}

export interface EvaluatorOptions {
  /** Folder with graphs and corpus, such as models/reference. */
  readonly modelFolder: string;
  /** 0 takes one for each core. */
  readonly threads?: number;
  readonly evalDatasetPath?: string | null;
  /** Left out: the processor. */
  readonly provider?: ProviderSetting;
  /** Which device, where the provider has several. */
  readonly device?: number;
  readonly memoryLimitBytes?: number;
  /** Where other deployments of this machine use the same device: one job at a time, in the order of asking. */
  readonly turns?: Turns;
  /** Told of each process that is started, so that it can be recorded and found again after a crash. */
  readonly onChild?: (pid: number) => void;
}

type Work<T> = (signal: AbortSignal) => Promise<T>;

/** Loading native code and the corpus on a busy machine; far below what a phase lasts. */
const startTimeoutMs = 60_000;

/** Starts the evaluator's process and waits until it is ready. @throws what keeps it from being ready */
export async function startEvaluator(options: EvaluatorOptions): Promise<Evaluator> {
  const stopping = new AbortController();
  const started = await startReady(options);
  let { child } = started;
  let last: Promise<unknown> = Promise.resolve();

  /** @param own whether all files are our own, also that of the group */
  const run = async (job: EvaluationJob, signal: AbortSignal, own = job.group === 'all'): Promise<RowLosses> => {
    signal.throwIfAborted();
    if (child.gone()) child = (await startReady(options)).child;
    const busy = child;
    const timeout = AbortSignal.timeout(job.timeoutMs);
    const message: EvaluateMessage = {
      kind: 'evaluate',
      parts: job.parts,
      group: job.group === 'all' ? null : job.group,
      candidate: !own,
      rows: job.rows,
      batchSize: job.batchSize,
    };
    try {
      const answer = await ask(busy, message, AbortSignal.any([signal, timeout]));
      if (answer.kind === 'losses') return answer;
      throw answer.kind === 'error' ? errorFrom(answer, 'evaluator') : new TypeError('an answer to no question');
    } catch (error) {
      if (timeout.aborted && !signal.aborted) {
        throw fail('OST_MODEL_EVALUATION_TIMEOUT', { rows: job.rows.length, timeoutMs: job.timeoutMs });
      }
      throw error;
    }
  };

  const thing = `${started.chosen.provider}-${options.device ?? 0}`;
  /** With the device, which is asked for anew for each piece of work: others who wait come first then. */
  const onDevice = async <T>(work: Work<T>, timeoutMs: number, signal: AbortSignal): Promise<T> => {
    // Two computations at most, each with a process that has to start.
    const longestMs = 2 * (timeoutMs + startTimeoutMs);
    const end = await options.turns?.take({ thing, longestMs, signal });
    try {
      return await work(signal);
    } finally {
      end?.();
    }
  };

  /** One piece of work after the other. */
  const inTurn = <T>(work: Work<T>, { timeoutMs }: EvaluationJob, signal: AbortSignal | undefined): Promise<T> => {
    const either = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
    const result = last.then(() => onDevice(work, timeoutMs, either));
    last = result.catch(() => undefined);
    return result;
  };

  return {
    chosen: started.chosen,
    evaluate: (job, signal) => inTurn(async (either) => summarize(await run(job, either)), job, signal),
    compare: (job, base, signal) =>
      inTurn(
        async (either) => {
          const before = await run({ ...job, parts: base }, either, true);
          const after = await run(job, either);
          return { before: summarize(before), after: summarize(after), baseRowsComputed: before.computed };
        },
        job,
        signal,
      ),
    close: async () => {
      stopping.abort(fail('OST_MODEL_STOPPED', {}));
      child.kill();
      await last;
      await child.ended;
    },
  };
}

interface Ready {
  readonly child: ModelChild;
  readonly chosen: ChosenProvider;
}

async function startReady(options: EvaluatorOptions): Promise<Ready> {
  const child = await startChild({
    role: 'evaluator',
    entry: new URL('evaluator-child.ts', import.meta.url),
    settings: {
      modelFolder: options.modelFolder,
      threads: options.threads ?? 0,
      evalDatasetPath: options.evalDatasetPath ?? null,
      provider: options.provider ?? 'cpu',
      device: options.device ?? 0,
    },
    memoryLimitBytes: options.memoryLimitBytes ?? (await childMemoryLimit(options.modelFolder)),
    onChild: options.onChild,
  });
  const timeout = AbortSignal.timeout(startTimeoutMs);
  try {
    const answer = await ask(child, null, timeout);
    if (answer.kind === 'error') throw errorFrom(answer, 'evaluator');
    if (answer.kind !== 'ready') throw new TypeError('an answer to no question');
    return { child, chosen: { provider: answer.provider, passedOver: answer.passedOver } };
  } catch (error) {
    child.kill();
    await child.ended;
    if (!timeout.aborted) throw error;
    const detail = `it was not ready within ${startTimeoutMs} ms`;
    throw fail('OST_MODEL_CHILD_FAILED', { role: 'evaluator', detail }, { cause: error });
  }
}

/** Sends a question and waits for its answer; a signal kills the child, because nothing else stops a native call. */
async function ask(child: ModelChild, question: object | null, signal: AbortSignal): Promise<EvaluatorAnswer> {
  let stopListening: () => void = () => undefined;
  const answered = new Promise<EvaluatorAnswer>((resolve) => {
    stopListening = child.onMessage((message) => {
      if (isAnswer(message)) resolve(message);
    });
  });
  if (question !== null) child.send(question);
  const died = child.ended.then((error) => {
    throw signal.aborted ? signal.reason : error;
  });
  const kill = () => child.kill();
  if (signal.aborted) kill();
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await Promise.race([answered, died]);
  } finally {
    signal.removeEventListener('abort', kill);
    stopListening();
  }
}

/** Our own process speaks; what comes is checked only as far as it tells answers from each other. */
const isAnswer = (message: unknown): message is EvaluatorAnswer =>
  typeof message === 'object' && message !== null && 'kind' in message && typeof message.kind === 'string';

function summarize({ losses }: RowLosses): EvaluationResult {
  const nonFinite = losses.filter((loss) => !Number.isFinite(loss)).length;
  return { losses, mean: nonFinite > 0 ? Number.POSITIVE_INFINITY : mean(losses), nonFinite };
}
