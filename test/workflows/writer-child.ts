import { type HarnessInput, startWriterWorker, type WriterAccount } from './writer-harness.ts';

/**
 * A worker of several writers that kills itself: `node writer-child.ts INPUT DEATHS`. Each writer comes as far as its
 * own moment and no further, and once all have, the process dies as a whole. "after" is the worst moment: the effect
 * has happened, and nobody heard of it.
 */
export interface Death extends WriterAccount {
  readonly activity: string;
  readonly moment: 'before' | 'after';
}

const [input = '{}', list = '[]'] = process.argv.slice(2);
const deaths = JSON.parse(list) as readonly Death[];
const there = new Set<string>();

/** Never comes back. */
const die = (uri: string): Promise<never> => {
  there.add(uri);
  if (there.size === deaths.length) process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

await startWriterWorker(JSON.parse(input) as HarnessInput, deaths, (uri, name, run) => async (...args) => {
  const death = deaths.find((each) => each.uri === uri && each.activity === name);
  if (death?.moment === 'before') return die(uri);
  const result = await run(...args);
  return death === undefined ? result : die(uri);
});
