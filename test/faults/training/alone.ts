import { cycleId, minerId, writerId } from '../../../temporal/ids.ts';
import { readOutcome } from '../../stack/read-outcome.ts';
import { type Stack, subnet } from '../../stack/stack.ts';
import { startAll } from '../../stack/start-all.ts';
import type { Cast } from './cast.ts';
import { activityPoints } from './points.ts';
import { strikes } from './strikes.ts';

/** One of them for each seed: its hotkey also seeds the order of the training rows. */
const miners = ['bob', 'charlie', 'dave', 'eve', 'ferdie'] as const;

export const minerOf = ({ miners: [name] }: Stack): string => name ?? '';

/** A validator that is alone in its subnet, its model server, and one miner. */
export const alone: Cast<Awaited<ReturnType<typeof readOutcome>>> = {
  name: 'alone',
  seats: ['validator', 'miner'],
  seatOf: (account) => (account === 'alice' ? 'validator' : 'miner'),
  options: (seed) => ({
    schedule: [2, 2, 2, 2, 2, 1, 3, 2, 2],
    miners: [miners[(seed - 1) % miners.length] ?? 'bob'],
    steps: 6,
    fixedSeed: seed,
  }),
  processes: (stack) => ['validator', 'server', minerOf(stack)],
  start: startAll,
  noted: (stack, process) => (process === minerOf(stack) ? 'miner' : process === 'server' ? null : process),
  roles: (stack) => {
    const { chainLabel, validator } = stack;
    const hotkey = stack.hotkey(minerOf(stack));
    return [
      {
        client: stack.client('validator'),
        root: cycleId(chainLabel, subnet, validator),
        writer: writerId(chainLabel, validator),
      },
      {
        client: stack.client(minerOf(stack)),
        root: minerId(chainLabel, subnet, hotkey),
        writer: writerId(chainLabel, hotkey),
      },
    ];
  },
  acts: [],
  points: (noted) => [...activityPoints(noted), ...strikes],
  outcome: (stack, cycles) => readOutcome(stack, cycles),
};
