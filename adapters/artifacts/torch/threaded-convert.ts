import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Code, catalogue } from '../../../domain/errors/catalogue.ts';
import { fail, messageOf, OstinatoError } from '../../../domain/errors/error.ts';
import type { ConvertedTorchFile, TorchLimits } from './convert.ts';
import type { ConvertAnswer, ConvertJob } from './convert-thread.ts';

/** What a dictionary of 60,000 tensors takes, with room to spare; a file that wants more ends its thread alone. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

const isCode = (code: string): code is Code => Object.hasOwn(catalogue, code);

/**
 * {@link convertTorchFile} in a thread of its own with bounded memory.
 *
 * @throws as it does; OST_TORCH_STATE where the file makes its reader run out of memory; the signal's reason
 */
export async function convertBeside(
  from: string,
  to: string,
  limits: Pick<TorchLimits, 'name' | 'maxBytes'>,
  signal?: AbortSignal,
): Promise<ConvertedTorchFile> {
  signal?.throwIfAborted();
  const job: ConvertJob = { from, to, limits };
  const worker = new Worker(new URL('./convert-thread.ts', import.meta.url), { workerData: job, resourceLimits });
  const stop = (): void => void worker.terminate();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const answer = await answerOf(worker);
    if (answer?.kind === 'done') return { tensors: answer.tensors, bytes: answer.bytes };
    if (answer?.kind === 'refused' && isCode(answer.code)) throw new OstinatoError(answer.code, answer.params);
    throw new Error(answer?.kind === 'failed' ? answer.detail : 'the thread ended without a word');
  } catch (error) {
    await rm(to, { force: true });
    signal?.throwIfAborted();
    const outOfMemory = typeof error === 'object' && error !== null && 'code' in error;
    if (outOfMemory && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      const file = limits.name ?? basename(from);
      throw fail('OST_TORCH_STATE', { file, problem: `reading it takes too much memory (${messageOf(error)})` });
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

async function answerOf(worker: Worker): Promise<ConvertAnswer | null> {
  const ended = once(worker, 'exit').then(() => null);
  const [answer]: ConvertAnswer[] | null[] = await Promise.race([
    once(worker, 'message'),
    ended.then((none) => [none]),
  ]);
  return answer ?? null;
}
