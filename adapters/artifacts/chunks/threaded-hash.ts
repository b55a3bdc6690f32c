import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type HashJob, hashInOrder, type InOrderHash, type ThreadAnswer } from './in-order-hash.ts';

/** Below this a thread costs more than it saves. */
const threadFromBytes = 16 * 1024 * 1024;

/** Hashes large files in a thread of their own, so that receiving and hashing share two cores; small ones at once. */
export const hashBeside = (job: HashJob): InOrderHash =>
  job.bytes < threadFromBytes ? hashInOrder(job) : inThread(job);

function inThread(job: HashJob): InOrderHash {
  const worker = new Worker(new URL('./hash-thread.ts', import.meta.url), { workerData: job });
  const ask = async (question: number | null): Promise<ThreadAnswer> => {
    // Only while somebody waits for it: a transfer that was given up must not keep the process alive.
    worker.ref();
    try {
      const answered = once(worker, 'message');
      worker.postMessage(question);
      const [answer]: ThreadAnswer[] = await answered;
      if (answer === undefined || answer.error !== undefined) throw answer?.error ?? new Error('no answer');
      return answer;
    } finally {
      worker.unref();
    }
  };
  return {
    advance: async (to) => (await ask(to)).advance ?? { at: 0, bad: true },
    digest: async () => (await ask(null)).digest ?? '',
    async close() {
      await worker.terminate();
    },
  };
}
