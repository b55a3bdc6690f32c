import { type HarnessInput, startWriterWorker } from './writer-harness.ts';

/**
 * A writer's worker that kills itself: `node writer-child.ts INPUT ACTIVITY before|after`. "after" is the worst
 * moment: the effect has happened, and nobody heard of it.
 */
const [input = '{}', activity, moment] = process.argv.slice(2);

await startWriterWorker(JSON.parse(input) as HarnessInput, (name, run) => async (...args) => {
  if (name === activity && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const result = await run(...args);
  if (name === activity) process.kill(process.pid, 'SIGKILL');
  return result;
});
process.stdout.write('ready\n');
