import { setTimeout as sleep } from 'node:timers/promises';
import { glance, type RoleWorkflows } from './workflows.ts';

/** For so long nobody's workflows change, and nobody says or begins anything. */
const calmMs = 250;
/** A look takes Temporal's time from whoever is at work: none while somebody is heard to be. */
const pollMs = 60;
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
  let heard = beat();
  let changedMs = Date.now();
  let sinceMs = Date.now();
  while (Date.now() - changedMs < patienceMs) {
    await sleep(pollMs);
    const now = beat();
    if (now !== heard || isDown()) {
      heard = now;
      changedMs = Date.now();
      sinceMs = Date.now();
      continue;
    }
    const glances = await Promise.all(roles.map(glance));
    const seen = JSON.stringify(glances.map((each) => each.state));
    const resting = seen === state && beat() === heard && glances.every((each) => each.resting);
    const isClear = glances.every(({ unclear }) => !unclear);
    if (resting && isClear && Date.now() - sinceMs >= calmMs) return;
    if (!resting) sinceMs = Date.now();
    if (seen !== state) changedMs = Date.now();
    state = seen;
    if (!resting) await sleep(busyPollMs - pollMs);
  }
  throw new Error(`nothing comes to rest: ${state}`);
}
