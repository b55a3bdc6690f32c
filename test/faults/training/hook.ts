import { appendFileSync, closeSync, openSync } from 'node:fs';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { type Death, hookVariables, type Noted } from './death.ts';

// Loaded before each process of a run (`--import`): writes down which activities its workers do, and has one of them
// end the process at the moment that the run's order names.

type Activity = (...input: readonly unknown[]) => Promise<unknown>;

const {
  [hookVariables.folder]: folder = '',
  [hookVariables.process]: by = '',
  [hookVariables.death]: order,
} = process.env;
const isSigner = process.argv[1]?.endsWith('signing/main.ts') === true;
const self = isSigner ? `${by} signer` : by;
const death = order === undefined ? null : (JSON.parse(order) as Death);
const counts = new Map<string, number>();

const note = (noted: Noted): void => appendFileSync(`${folder}/activities.jsonl`, `${JSON.stringify(noted)}\n`);

/** Ends this process, once in a run: whoever comes first makes the file. */
function die(): void {
  try {
    closeSync(openSync(`${folder}/death`, 'wx'));
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}

const around =
  (name: string, run: Activity): Activity =>
  async (...input) => {
    note({ by: self, name, kind: 'begun' });
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const dies = death?.by === self && death.activity === name && death.occurrence === count;
    if (dies && death.moment === 'before') die();
    if (dies && death.moment === 'during') setTimeout(die, death.afterMs);
    try {
      return await run(...input);
    } finally {
      // Also where it was cancelled, which is how some of them end.
      if (dies && death.moment === 'after') die();
    }
  };

const create = Worker.create.bind(Worker);
Worker.create = (options: WorkerOptions): Promise<Worker> => {
  const activities = Object.entries((options.activities ?? {}) as Readonly<Record<string, Activity>>);
  for (const [name] of activities) note({ by: self, name, kind: 'registered' });
  return create({
    ...options,
    activities: Object.fromEntries(activities.map(([name, run]) => [name, around(name, run)])),
  });
};
