/** Hashes beside the event loop that receives the bytes; one of these for each large transfer. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HashJob, hashInOrder, type ThreadAnswer } from './in-order-hash.ts';

const port = parentPort;
if (port === null) throw new Error('this module runs as a worker thread');
const job: HashJob = workerData;
const hash = hashInOrder(job);
// One question at a time: whoever asks waits for the answer.
port.on('message', (to: number | null) => {
  const answer: Promise<ThreadAnswer> =
    to === null ? hash.digest().then((digest) => ({ digest })) : hash.advance(to).then((advance) => ({ advance }));
  answer.then(
    (value) => port.postMessage(value),
    (error: unknown) => port.postMessage({ error }),
  );
});
