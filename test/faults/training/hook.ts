import { appendFileSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { WorkerOptions } from '@temporalio/worker';
import { type Death, hookVariables, idle, markOf, type Noted, notesOf, parseNoted } from './death.ts';

// Loaded before each process of a run (`--import`): writes down which activities its workers do, and has them end the
// process at the moments that the run's order names.

type Activity = (...input: readonly unknown[]) => Promise<unknown>;

const {
  [hookVariables.folder]: folder = '',
  [hookVariables.process]: by = '',
  [hookVariables.deaths]: order = '[]',
} = process.env;
const program = process.argv[1] ?? '';
const isSigner = program.endsWith('signing/main.ts');
const self = isSigner ? `${by} signer` : by;
const deaths = (JSON.parse(order) as readonly Death[])
  .map((death, index) => ({ ...death, mark: markOf(folder, index) }))
  .filter((death) => death.by === self);
const counts = new Map<string, number>();

const note = (noted: Noted): void => appendFileSync(notesOf(folder), `${JSON.stringify(noted)}\n`);

/** Ends this process, once in a run: whoever comes first makes the file. */
function die(mark: string): void {
  try {
    closeSync(openSync(mark, 'wx'));
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}

/** One more call, counted over all processes that had this name in the run. */
function count(name: string): number {
  if (!idle.has(name) || !counts.has(name)) note({ by: self, name, kind: 'begun' });
  const calls = (counts.get(name) ?? 0) + 1;
  counts.set(name, calls);
  return calls;
}

const around =
  (name: string, run: Activity): Activity =>
  async (...input) => {
    const calls = count(name);
    // The call of the order, or the next one where that one's process died of something else.
    const due = deaths.filter(({ activity, occurrence }) => activity === name && occurrence <= calls);
    for (const { moment, mark, afterMs } of due) {
      if (moment === 'before') die(mark);
      if (moment === 'during') setTimeout(die, afterMs, mark);
    }
    try {
      return await run(...input);
    } finally {
      // Also where it was cancelled, which is how some of them end.
      for (const { moment, mark } of due) if (moment === 'after') die(mark);
    }
  };

async function watchWorkers(): Promise<void> {
  if (existsSync(notesOf(folder))) {
    const before = parseNoted(readFileSync(notesOf(folder), 'utf8'));
    for (const { name, kind, by: who } of before) {
      if (kind === 'begun' && who === self) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const { Worker } = await import('@temporalio/worker');
  const create = Worker.create.bind(Worker);
  Worker.create = (options: WorkerOptions) => {
    const activities = Object.entries((options.activities ?? {}) as Readonly<Record<string, Activity>>);
    for (const [name] of activities) note({ by: self, name, kind: 'registered' });
    return create({
      ...options,
      activities: Object.fromEntries(activities.map(([name, run]) => [name, around(name, run)])),
    });
  };
}

// Evaluators and trainers have no workers, and loading them takes as long as all else that they load.
if (isSigner || program.endsWith('cli/main.ts')) await watchWorkers();
