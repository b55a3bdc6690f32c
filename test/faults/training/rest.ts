import { setTimeout as sleep } from 'node:timers/promises';
import { glance, type RoleWorkflows } from './workflows.ts';

/** For so long nobody's workflows change, and nobody says or begins anything. */
const calmMs = 250;
const pollMs = 60;
/** A look takes Temporal's time from whoever is at work. */
const busyPollMs = 120;
/** Longer than anybody is silent on a slow machine. */
const patienceMs = 150_000;

/** What tells of the run without a question to Temporal. */
export interface Pulse {
  /** Changes when somebody says something or begins an activity. */
  readonly beat: () => number;
  /** Whether somebody was killed and is not back. */
  readonly isDown: () => boolean;
}

/** Waits until nobody can do anything without a block. */
export async function rest(roles: readonly RoleWorkflows[], { beat, isDown }: Pulse): Promise<void> {
  let state = '';
  let changedMs = Date.now();
  let sinceMs = Date.now();
  while (Date.now() - changedMs < patienceMs) {
    const glances = await Promise.all(roles.map(glance));
    const now = JSON.stringify([beat(), glances.map((each) => each.state)]);
    const resting = now === state && !isDown() && glances.every((each) => each.resting);
    const isClear = glances.every(({ unclear }) => !unclear);
    if (resting && isClear && Date.now() - sinceMs >= calmMs) return;
    if (!resting) sinceMs = Date.now();
    if (now !== state || isDown()) changedMs = Date.now();
    state = now;
    await sleep(resting ? pollMs : busyPollMs);
  }
  throw new Error(`nothing comes to rest: ${state}`);
}
