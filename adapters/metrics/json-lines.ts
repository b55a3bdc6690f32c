import { appendFile, rename, stat } from 'node:fs/promises';
import { messageOf } from '../../domain/errors/error.ts';
import type { MetricSink } from './sink.ts';

/** A year of training is a few of these; the one before the last goes when a new one begins. */
const rotateAtBytes = 64 * 2 ** 20;

/**
 * Appends points to a file, one JSON object a line. Two processes of a miner may write to one: each line is one write
 * to the end of the file. What is lost by a kill is at most the line that is being written.
 */
export function jsonLines(file: string, onProblem: (problem: string) => void): MetricSink {
  let writing = rotate(file);
  let told = false;
  return {
    take({ at, cycle, group, step, values }) {
      const line = `${JSON.stringify({ at, cycle, group, ...(step === null ? {} : { step }), ...values })}\n`;
      writing = writing
        .then(() => appendFile(file, line))
        .catch((error: unknown) => {
          // Once is enough: a disk that is full stays so for a while.
          if (!told) onProblem(messageOf(error));
          told = true;
        });
    },
    close: () => writing,
  };
}

async function rotate(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found !== null && found.size > rotateAtBytes) await rename(file, `${file}.1`).catch(() => undefined);
}
