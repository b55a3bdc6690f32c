import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { resolveTemporal } from '../../temporal/connect.ts';
import { demoLogFixture, type LogFields } from './demo-log.ts';
import { recordHistories } from './recorder.ts';

/**
 * Records the histories that the replay tests replay, and the log that the log tests read, from a real demo of two
 * cycles: `node test/replay/record.ts STATE_FOLDER`. Run by hand after a change of the workflows that open workflows
 * are not meant to survive; never by the tests. A folder that holds a finished recording is only read again.
 *
 * Cycle 0: the third miner is stopped after its commitments, so that it never sends its file. Cycle 1: all miners are
 * stopped until the roster is frozen without them.
 */
const root = join(import.meta.dirname, '../..');
const stateFolder = resolve(process.argv[2] ?? '/nonexistent');
const miners = ['bob', 'charlie', 'dave'] as const;

async function linesOf(label: string): Promise<readonly LogFields[]> {
  const text = await readFile(join(stateFolder, 'logs', `${label}.log`), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogFields);
}

/** Waits for a line of a process's log. */
async function seen(label: string, wanted: (line: LogFields) => boolean): Promise<LogFields> {
  for (;;) {
    const found = (await linesOf(label)).find(wanted);
    if (found !== undefined) return found;
    await delay(100);
  }
}

const pidOf = async (label: string): Promise<number> => (await seen(label, () => true)).pid;
const signalAll = async (labels: readonly string[], signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
  for (const label of labels) process.kill(await pidOf(label), signal);
};

async function direct(): Promise<void> {
  await seen('dave', ({ event, key }) => event === 'write_settled' && key === 'commitment/1/0/MinerCommit2');
  await signalAll(['dave'], 'SIGSTOP');
  await seen('validator', ({ event, cycle }) => event === 'submissions_evaluated' && cycle === 0);
  await signalAll(['dave'], 'SIGCONT');
  await seen('validator', ({ event, cycle, phase }) => event === 'phase_entered' && cycle === 1 && phase === 'Train');
  await signalAll(miners, 'SIGSTOP');
  await seen('validator', ({ event, cycle }) => event === 'roster_frozen' && cycle === 1);
  await signalAll(miners, 'SIGCONT');
}

async function runDemo(): Promise<void> {
  const demo = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(root, 'cli/main.ts'),
      'demo',
      ...['--state', stateFolder, '--plain', '--cycles', '2', '--chain-port', '9967', '--server-port', '8097'],
      // Time enough for every step, whatever else the machine does.
      ...['--block-time', '1600'],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = once(demo, 'exit');
  await Promise.race([direct(), ended]);
  await ended;
  if (demo.exitCode !== 0) throw new Error(`the demo ended with ${demo.exitCode}`);
}

if (!existsSync(join(stateFolder, 'checkpoints'))) await runDemo();

const labels = ['validator', 'server', ...miners];
const logs = await Promise.all(labels.map(async (label) => (await linesOf(label)).map((line) => ({ ...line, label }))));
await writeFile(join(root, 'test/fixtures/demo-log.jsonl'), demoLogFixture(logs.flat(), [stateFolder, root]));

const temporal = await resolveTemporal({
  stateFolder,
  namespace: 'default',
  user: { role: 'demo', label: 'recorder' },
  environment: 'ignored',
});
try {
  const folder = join(import.meta.dirname, 'histories');
  for (const { name, json, events } of await recordHistories(temporal.address)) {
    const file = join(folder, `${name}.json`);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, json);
    process.stdout.write(`${name}: ${events} events, ${json.length} characters\n`);
  }
} finally {
  await temporal.release();
}
