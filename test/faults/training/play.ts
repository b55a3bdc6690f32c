import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type PhaseName, phaseNames, phaseRange } from '../../../domain/phases.ts';
import { cycleId, minerId, writerId } from '../../../temporal/ids.ts';
import { readOutcome } from '../../stack/read-outcome.ts';
import { Stack, subnet } from '../../stack/stack.ts';
import { startAll } from '../../stack/start-all.ts';
import { Random } from '../chain/random.ts';
import { type Death, hookVariables, type Noted, readNoted } from './death.ts';
import { leftIn } from './leftovers.ts';
import { type DeathAt, type Point, type Scene, type Strike, wayOf } from './point.ts';
import { glance, type RoleWorkflows } from './workflows.ts';

/** Where runs take place: one after the other, for they share the namespaces. */
export interface Place {
  readonly address: string;
  readonly connection: Client['connection'];
  readonly namespaces: { readonly validator: string; readonly miner: string };
  /** The stacks whose processes run, for whoever has to end before they have. */
  readonly open: Set<AsyncDisposable>;
}

/** What a run came to. */
export interface Played {
  /** All that must be as it is without a kill. */
  readonly outcome: Awaited<ReturnType<typeof readOutcome>>;
  /** The files in the folders after everybody has ended, and whoever has not. */
  readonly files: readonly string[];
  /** How the processes ended when they were told to. */
  readonly exits: readonly (number | null)[];
  readonly noted: readonly Noted[];
  /** Whether somebody was killed. */
  readonly struck: boolean;
  readonly seconds: number;
}

/** One of them for each seed: its hotkey also seeds the order of the training rows. */
const miners = ['bob', 'charlie', 'dave', 'eve', 'ferdie'] as const;
const schedule = [2, 2, 2, 2, 2, 1, 3, 2, 2] as const;
const steps = 6;
/** Estimates of waits must be over before the next block, and they are blocks apart. */
const nominalBlockTimeMs = 80;
const calmMs = 250;
const pollMs = 60;
/** More than a point kills: what dies by itself, over and over, is no kill. */
const mostDeaths = 3;

const hook = new URL('hook.ts', import.meta.url).href;

/** One cycle of a validator, its model server and a miner, all of them real processes, with one kill. */
export async function play(place: Place, point: Point, seed: number): Promise<Played> {
  const beganMs = Date.now();
  const random = new Random(seed * 7919 + point.name.length);
  const miner = miners[(seed - 1) % miners.length] ?? 'bob';
  const way = wayOf(point, seed);
  const death = way?.kind === 'death' ? deathOf(way.death, random) : null;
  const strike = way?.kind === 'strike' ? way.strike : {};
  const revived: Promise<void>[] = [];
  let down = 0;
  let ending = false;
  const struck: string[] = [];
  await using stack = await Stack.open({
    temporal: place,
    namespaces: place.namespaces,
    salt: `faults ${point.name} ${seed} ${beganMs}`,
    schedule,
    miners: [miner],
    steps,
    fixedSeed: seed,
    nominalBlockTimeMs,
    // The server does no activities; it is killed from outside.
    environment: (name, folder): Readonly<Record<string, string>> =>
      name === 'server'
        ? {}
        : {
            NODE_OPTIONS: `--import ${hook}`,
            [hookVariables.folder]: folder,
            [hookVariables.process]: name === miner ? 'miner' : name,
            ...(death === null ? {} : { [hookVariables.death]: JSON.stringify(death) }),
          },
    ...(process.env['FAULTS_VERBOSE'] === undefined
      ? {}
      : { onLine: ({ event, msg }) => process.stderr.write(`${Date.now() - beganMs} ${event ?? ''} ${msg}\n`) }),
    onEnd: (name) => {
      if (ending) return;
      if (struck.length >= mostDeaths) {
        stack.log.fail(new Error(`${name} ended once more\n${stack.log.tail()}`));
        return;
      }
      struck.push(name);
      down += 1;
      const again = stack.start(name).finally(() => (down -= 1));
      again.catch(() => undefined);
      revived.push(again);
    },
  });
  const opened: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      // Whoever is killed now is not started again.
      ending = true;
      await stack[Symbol.asyncDispose]();
    },
  };
  place.open.add(opened);
  const roles = rolesOf(stack, miner);
  const scene: Scene = { stack, miner, random };
  try {
    const beside = strike.beside?.(scene) ?? Promise.resolve();
    await Promise.race([startAll(stack), rejected(beside)]);
    await toTheEnd(stack, roles, strike, scene, () => down > 0);
    await beside;
    await Promise.all(revived);
    ending = true;
    const exits = await Promise.all(['validator', 'server', miner].map((name) => stack.stop(name)));
    const noted = await readNoted(stack.folder);
    return {
      outcome: await readOutcome(stack, [0]),
      files: await leftIn(stack.folder),
      exits,
      noted,
      struck: way?.kind === 'strike' || existsSync(join(stack.folder, 'death')),
      seconds: (Date.now() - beganMs) / 1000,
    };
  } catch (error) {
    throw new Error(`${String(error)} at block ${stack.gate.head}\n${stack.log.tail()}`, { cause: error });
  } finally {
    ending = true;
    place.open.delete(opened);
    await Promise.all(roles.flatMap(({ client, root, writer }) => [root, writer].map((id) => end(client, id))));
  }
}

/** Never resolves: for a race that only a failure may win. */
const rejected = (work: Promise<void>): Promise<never> => new Promise((_, reject) => void work.catch(reject));

const deathOf = ({ occurrences, ...rest }: DeathAt, random: Random): Death => ({
  ...rest,
  occurrence: random.between(1, occurrences),
  afterMs: random.between(1, 60),
});

function rolesOf(stack: Stack, miner: string): readonly RoleWorkflows[] {
  const { chainLabel, validator } = stack;
  const hotkey = stack.hotkey(miner);
  return [
    {
      client: stack.client('validator'),
      root: cycleId(chainLabel, subnet, validator),
      writer: writerId(chainLabel, validator),
    },
    { client: stack.client(miner), root: minerId(chainLabel, subnet, hotkey), writer: writerId(chainLabel, hotkey) },
  ];
}

/**
 * Builds block after block, each when everybody has done what can be done without it, until the first cycle's books are
 * closed, the miner has its verdict, and the next cycle's first phase is over, in which nothing is signed.
 */
async function toTheEnd(
  { gate, schedule }: Stack,
  roles: readonly RoleWorkflows[],
  strike: Strike,
  scene: Scene,
  isDown: () => boolean,
): Promise<void> {
  const { end } = phaseRange(schedule, 1, 'Distribute');
  const phaseBegunBy = (block: number): PhaseName | undefined =>
    phaseNames.find((phase) => phaseRange(schedule, 0, phase).start === block);
  await rest(roles, isDown);
  while (gate.head < end) {
    const phase = phaseBegunBy(gate.head + 1);
    if (phase !== undefined) await strike.before?.[phase]?.(scene);
    await gate.build();
    if (phase !== undefined) await strike.entered?.[phase]?.(scene);
    await rest(roles, isDown);
  }
}

/** Longer than a kill costs on a slow machine. */
const patienceMs = 150_000;

/** Waits until nobody can do anything without a block. */
async function rest(roles: readonly RoleWorkflows[], isDown: () => boolean): Promise<void> {
  let state = '';
  let sinceMs = Date.now();
  for (const beganMs = Date.now(); Date.now() - beganMs < patienceMs; ) {
    const glances = await Promise.all(roles.map(glance));
    const now = JSON.stringify(glances.map((each) => each.state));
    if (now !== state || isDown() || !glances.every(({ resting }) => resting)) {
      state = now;
      sinceMs = Date.now();
    } else if (Date.now() - sinceMs >= calmMs) {
      return;
    }
    await sleep(pollMs);
  }
  throw new Error(`nothing comes to rest: ${state}`);
}

/** Nothing of a run may be left to the next one in its namespace. */
async function end(client: Client, workflowId: string): Promise<void> {
  await client.workflow
    .getHandle(workflowId)
    .terminate()
    .catch(() => undefined);
}
