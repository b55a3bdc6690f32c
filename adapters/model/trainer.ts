import { fail } from '../../domain/errors/error.ts';
import { startChild } from './child.ts';
import { errorFrom } from './child-error.ts';
import { childMemoryLimit } from './memory-limit.ts';
import type { TrainerAnswer, TrainingJob, TrainingProgress, TrainingResult } from './trainer-protocol.ts';

export type { CheckpointProgress, TrainingJob, TrainingProgress, TrainingResult } from './trainer-protocol.ts';

/** A stopped trainer finishes its step, judges, and writes a few megabytes; what takes longer is stuck. */
const stopGraceMs = 30_000;
/** One that is left has at most a step to end; its worker is about to be ended, too. */
const leaveGraceMs = 5_000;

/**
 * Trains one group in a child process.
 *
 * A killed training, by whatever hand, goes on from its last checkpoint when the same job is started again with
 * `resume`, and with a fixed number of steps it ends in the very same file.
 *
 * @param signal ends the training in order: it saves, and what it has is the result
 * @param leave puts it down for another process: it saves its state, and this promise rejects with the signal's reason
 * @throws OST_MODEL_CHILD_DIED, OST_MODEL_TRAINING_DIVERGED, or what keeps the model from being loaded
 */
export async function train(
  job: TrainingJob,
  onProgress: (progress: TrainingProgress) => void,
  signal: AbortSignal,
  onChild?: (pid: number, role: string) => void,
  leave?: AbortSignal,
): Promise<TrainingResult> {
  leave?.throwIfAborted();
  const child = await startChild({
    role: 'trainer',
    entry: new URL('trainer-child.ts', import.meta.url),
    settings: { job },
    memoryLimitBytes: await childMemoryLimit(job.modelFolder),
    onChild: (pid) => onChild?.(pid, 'trainer'),
  });
  const answered = new Promise<TrainingResult>((resolve, reject) => {
    child.onMessage((message) => {
      if (!isAnswer(message)) return;
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'rank') onChild?.(message.pid, `trainer rank ${message.rank}`);
      else if (message.kind === 'done') resolve(message.result);
      else if (message.kind === 'left') reject(leave?.reason);
      else reject(errorFrom(message, 'trainer'));
    });
  });
  const died = child.ended.then((error) => {
    // Whatever it had not saved is trained again: a killed trainer loses time and nothing else.
    leave?.throwIfAborted();
    throw graceOver ? fail('OST_MODEL_CHILD_DIED', { role: 'trainer', reason: 'it did not stop in time' }) : error;
  });
  let graceOver = false;
  const timers: NodeJS.Timeout[] = [];
  const end = (kind: 'stop' | 'leave', graceMs: number) => () => {
    child.send({ kind });
    const kill = () => {
      graceOver = true;
      child.kill();
    };
    timers.push(setTimeout(kill, graceMs));
  };
  const stop = end('stop', stopGraceMs);
  const putDown = end('leave', leaveGraceMs);
  if (signal.aborted) stop();
  if (leave?.aborted === true) putDown();
  signal.addEventListener('abort', stop, { once: true });
  leave?.addEventListener('abort', putDown, { once: true });
  try {
    return await Promise.race([answered, died]);
  } finally {
    signal.removeEventListener('abort', stop);
    leave?.removeEventListener('abort', putDown);
    for (const timer of timers) clearTimeout(timer);
    child.kill();
    await child.ended;
  }
}

const isAnswer = (message: unknown): message is TrainerAnswer =>
  typeof message === 'object' && message !== null && 'kind' in message && typeof message.kind === 'string';
