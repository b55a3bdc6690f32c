import { statSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { type PhaseName, phaseNames, phaseRange } from '../../../domain/phases.ts';
import { until } from '../../stack/gate.ts';
import { Stack } from '../../stack/stack.ts';
import type { Cast } from './cast.ts';
import { hasDied, hookVariables, type Noted, notesOf, readNoted } from './death.ts';
import { leftIn } from './leftovers.ts';
import { type Acts, deathOf, type Helper, type Point, randomOf, type Scene, wayOf } from './point.ts';
import { type Pulse, rest } from './rest.ts';
import type { RoleWorkflows } from './workflows.ts';

/** Where runs take place: one after the other, for they share the namespaces. */
export interface Place {
  readonly address: string;
  readonly connection: Client['connection'];
  /** The namespace of each account. */
  readonly namespaces: (account: string) => string;
  /** The stacks whose processes run, for whoever has to end before they have. */
  readonly open: Set<AsyncDisposable>;
}

/** What a run came to. */
export interface Played<Outcome extends object = object> {
  /** All that must be as it is without a kill. */
  readonly outcome: Outcome;
  /** The files in the folders after everybody has ended, and whoever has not. */
  readonly files: readonly string[];
  /** How the processes ended when they were told to. */
  readonly exits: readonly (number | null)[];
  /** Whoever ended without being told to, as often as it did. */
  readonly ended: readonly string[];
  /** How often a model server took a submission. */
  readonly accepted: number;
  readonly noted: readonly Noted[];
  /** How many activities had been begun when a phase of the first cycle began. */
  readonly phases: Readonly<Partial<Record<PhaseName, number>>>;
  /** The points at which somebody was killed. */
  readonly struck: readonly string[];
  readonly seconds: number;
}

/** Estimates of waits must be over before the next block, and they are blocks apart. */
const nominalBlockTimeMs = 80;

const hook = new URL('hook.ts', import.meta.url).href;

interface Run<Outcome extends object> {
  readonly cast: Cast<Outcome>;
  /** Where somebody is killed; nowhere in the run that all others of its seed are compared with. */
  readonly points: readonly Point[];
  readonly seed: number;
  readonly cycles: number;
}

/** Cycles of a cast, all of them real processes, which are killed at the points. */
export async function play<Outcome extends object>(
  place: Place,
  { cast, points, seed, cycles }: Run<Outcome>,
): Promise<Played<Outcome>> {
  const beganMs = Date.now();
  const ways = points.map((point) => ({ point, way: wayOf(point, seed) }));
  const deaths = ways.flatMap(({ point, way }) =>
    way.kind === 'death' ? [{ point, death: deathOf(point, way.death, seed) }] : [],
  );
  const revived: Promise<void>[] = [];
  let down = 0;
  let ending = false;
  const ended: string[] = [];
  const struck = new Set<string>();
  await using stack = await Stack.open({
    temporal: place,
    namespaces: place.namespaces,
    salt: `faults ${cast.name} ${seed} ${beganMs} ${points.map(({ name }) => name).join()}`,
    nominalBlockTimeMs,
    ...cast.options(seed),
    // A server does no activities; it is killed from outside.
    environment: (name, folder): Readonly<Record<string, string>> => {
      const noted = cast.noted(stack, name);
      return noted === null
        ? {}
        : {
            NODE_OPTIONS: `--import ${hook}`,
            [hookVariables.folder]: folder,
            [hookVariables.process]: noted,
            [hookVariables.deaths]: JSON.stringify(deaths.map(({ death }) => death)),
          };
    },
    ...(process.env['FAULTS_VERBOSE'] === undefined
      ? {}
      : { onLine: ({ event, msg }) => process.stderr.write(`${Date.now() - beganMs} ${event ?? ''} ${msg}\n`) }),
    onEnd: (name) => {
      if (ending) return;
      ended.push(name);
      // No point kills more than one: what dies by itself, over and over, is no kill.
      if (ended.length > points.length) {
        stack.log.fail(new Error(`${name} ended by itself\n${stack.log.tail()}`));
        return;
      }
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
  const roles = cast.roles(stack);
  const sceneAt = (point: Point): Scene => {
    const strike = (): void => void struck.add(point.name);
    return {
      stack,
      miner: stack.miners[0] ?? '',
      random: randomOf(point, seed),
      ...killers(stack, strike),
      struck: strike,
    };
  };
  const acting: readonly Acting[] = [
    ...cast.acts.map((acts) => ({ acts, scene: sceneAt({ name: 'nobody', ways: [] }) })),
    ...ways.flatMap(({ point, way }) => (way.kind === 'strike' ? [{ acts: way.strike, scene: sceneAt(point) }] : [])),
  ];
  try {
    const beside = happening(acting, ({ beside: act }) => act);
    await Promise.race([cast.start(stack), rejected(beside)]);
    const notedBytes = (): number => statSync(notesOf(stack.folder), { throwIfNoEntry: false })?.size ?? 0;
    const pulse: Pulse = { beat: () => stack.log.mark() + notedBytes(), isDown: () => down > 0 };
    const phases = await toTheEnd(stack, roles, { acting, pulse, cycles });
    await Promise.race([beside, late('a kill from outside')]);
    await Promise.all(revived);
    ending = true;
    const exits = await Promise.all(cast.processes(stack).map((name) => stack.stop(name)));
    deaths.forEach(({ point }, index) => {
      if (hasDied(stack.folder, index)) struck.add(point.name);
    });
    return {
      outcome: await cast.outcome(
        stack,
        Array.from({ length: cycles }, (_, cycle) => cycle),
      ),
      files: await leftIn(stack.folder),
      exits,
      ended,
      accepted: stack.log.all({ event: 'submission_accepted' }).length,
      noted: await readNoted(stack.folder),
      phases,
      struck: [...struck],
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

interface Acting {
  readonly acts: Acts;
  readonly scene: Scene;
}

/** Has all do what they do at one moment. */
function happening(acting: readonly Acting[], at: (acts: Acts) => Acts['beside']): Promise<unknown> {
  return Promise.all(
    acting.flatMap(({ acts, scene }) => {
      const act = at(acts);
      return act === undefined ? [] : [act(scene)];
    }),
  );
}

/** Never resolves: for a race that only a failure may win. */
const rejected = (work: Promise<unknown>): Promise<never> => new Promise((_, reject) => void work.catch(reject));

const lateMs = 5_000;

function late(what: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} never happened`)), lateMs).unref();
  });
}

/** Kills that find somebody alive: another kill of the run may have been a moment before. */
const killers = (stack: Stack, struck: () => void): Pick<Scene, 'kill' | 'killHelper'> => ({
  kill: async (name) => {
    await until(`${name} is there to be killed`, async () => (stack.runs(name) ? true : null));
    stack.signal(name, 'SIGKILL');
    struck();
  },
  killHelper: async (role: Helper, of) => {
    const { pid } = await until(`a ${role} of ${of}`, async () => stack.helper(role, of, { required: false }));
    process.kill(pid, 'SIGKILL');
    struck();
  },
});

interface Course {
  readonly acting: readonly Acting[];
  readonly pulse: Pulse;
  readonly cycles: number;
}

/**
 * Builds block after block, each when everybody has done what can be done without it, until the last cycle's books are
 * closed, the miner has its verdict, and the next cycle's first phase is over, in which nothing is signed.
 *
 * @returns how many activities had been begun when a phase of the first cycle began
 */
async function toTheEnd(
  { gate, schedule, folder }: Stack,
  roles: readonly RoleWorkflows[],
  { acting, pulse, cycles }: Course,
): Promise<Played['phases']> {
  const { end: last } = phaseRange(schedule, cycles, 'Distribute');
  // The first cycle's own Distribute begins with the chain, and so the next one's stands in for it.
  const startOf = (phase: PhaseName): number => phaseRange(schedule, phase === 'Distribute' ? 1 : 0, phase).start;
  const phaseBegunBy = (block: number): PhaseName | undefined => phaseNames.find((phase) => startOf(phase) === block);
  const all = (when: 'before' | 'entered', phase: PhaseName): Promise<unknown> =>
    happening(acting, (acts) => acts[when]?.[phase]);
  const phases: Partial<Record<PhaseName, number>> = {};
  await rest(roles, pulse);
  while (gate.head < last) {
    const phase = phaseBegunBy(gate.head + 1);
    if (phase !== undefined) {
      await all('before', phase);
      if (phase !== 'Distribute')
        phases[phase] = (await readNoted(folder)).filter(({ kind }) => kind === 'begun').length;
    }
    await gate.build();
    if (phase !== undefined) await all('entered', phase);
    await rest(roles, pulse);
  }
  return phases;
}

/** Nothing of a run may be left to the next one in its namespace. */
async function end(client: Client, workflowId: string): Promise<void> {
  await client.workflow
    .getHandle(workflowId)
    .terminate()
    .catch(() => undefined);
}
