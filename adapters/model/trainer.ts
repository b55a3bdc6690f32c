import { fail } from '../../domain/errors/error.ts';
import { startChild } from './child.ts';
import { errorFrom } from './child-error.ts';
import type { TrainerAnswer, TrainingJob, TrainingProgress, TrainingResult } from './trainer-protocol.ts';

export type { TrainingJob, TrainingProgress, TrainingResult } from './trainer-protocol.ts';

/** A stopped trainer finishes its step, judges, and writes a few megabytes; what takes longer is stuck. */
const stopGraceMs = 30_000;
const memoryLimitBytes = 4 * 2 ** 30;

/**
 * Trains one group in a child process.
 *
 * A killed training, by whatever hand, goes on from its last checkpoint when the same job is started again with
 * `resume`, and with a fixed number of steps it ends in the very same file.
 *
 * @param signal stops the training in order: it saves, and what it has is the result
 * @throws OST_MODEL_CHILD_DIED, OST_MODEL_TRAINING_DIVERGED, or what keeps the model from being loaded
 */
export async function train(
  job: TrainingJob,
  onProgress: (progress: TrainingProgress) => void,
  signal: AbortSignal,
  onChild?: (pid: number) => void,
): Promise<TrainingResult> {
  const child = await startChild({
    role: 'trainer',
    entry: new URL('trainer-child.ts', import.meta.url),
    settings: { job },
    memoryLimitBytes,
    onChild,
  });
  const answered = new Promise<TrainingResult>((resolve, reject) => {
    child.onMessage((message) => {
      if (!isAnswer(message)) return;
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'done') resolve(message.result);
      else reject(errorFrom(message, 'trainer'));
    });
  });
  const died = child.ended.then((error) => {
    throw graceOver ? fail('OST_MODEL_CHILD_DIED', { role: 'trainer', reason: 'it did not stop in time' }) : error;
  });
  let graceOver = false;
  let grace: NodeJS.Timeout | null = null;
  const stop = () => {
    child.send({ kind: 'stop' });
    grace = setTimeout(() => {
      graceOver = true;
      child.kill();
    }, stopGraceMs);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([answered, died]);
  } finally {
    signal.removeEventListener('abort', stop);
    if (grace !== null) clearTimeout(grace);
    child.kill();
    await child.ended;
  }
}

const isAnswer = (message: unknown): message is TrainerAnswer =>
  typeof message === 'object' && message !== null && 'kind' in message && typeof message.kind === 'string';
