import type { PhaseName } from '../../../domain/phases.ts';
import type { Stack } from '../../stack/stack.ts';
import { Random } from '../chain/random.ts';
import type { Death } from './death.ts';

export type Helper = 'signer' | 'evaluator' | 'trainer';

/** What a kill from outside has at hand. */
export interface Scene {
  readonly stack: Stack;
  /** The miner's name. */
  readonly miner: string;
  readonly random: Random;
  /** SIGKILL to a process, once it lives; whoever plays the run starts it again. */
  readonly kill: (name: string) => Promise<void>;
  /** SIGKILL to a process's child, once there is one; its parent starts it again. */
  readonly killHelper: (role: Helper, of: string) => Promise<void>;
  /** To be called instead where a process was ended and started again in another way. */
  readonly struck: () => void;
}

/** What happens from outside the processes, at moments of the cycle. No block is built while it is at work. */
export interface Acts {
  /** Beside the run, from its beginning; waits for what it needs to hear. */
  readonly beside?: (scene: Scene) => Promise<void>;
  /** Before the block that begins a phase of the first cycle, and after it; of the second one where it is Distribute. */
  readonly before?: Partial<Readonly<Record<PhaseName, (scene: Scene) => Promise<void>>>>;
  readonly entered?: Partial<Readonly<Record<PhaseName, (scene: Scene) => Promise<void>>>>;
}

/** A kill from outside. */
export interface Strike extends Acts {
  /** Whose process ends: `validator`, `server`, `miner`; its children count as it. */
  readonly of: string;
  /** The phase in which it does. */
  readonly at: PhaseName;
  /** What only one strike of a run can have, such as the one transfer that stands still. */
  readonly holds?: string;
  /** Phases in which nobody else may be killed beside it. */
  readonly alone?: readonly PhaseName[];
}

/** A kill at an activity; the seed chooses which of so many calls dies. */
export interface DeathAt extends Pick<Death, 'by' | 'activity' | 'moment'> {
  readonly occurrences: number;
}

/** One way to kill somebody at a point. */
export type Way =
  | { readonly kind: 'death'; readonly death: DeathAt }
  | { readonly kind: 'strike'; readonly strike: Strike };

/** A point of the cycle at which a process is killed, and in which ways: the seeds take them in turns. */
export interface Point {
  readonly name: string;
  readonly ways: readonly Way[];
}

/** How somebody is killed with this seed. */
export function wayOf({ name, ways }: Point, seed: number): Way {
  const way = ways[(seed - 1) % ways.length];
  if (way === undefined) throw new Error(`nobody can be killed at ${name}`);
  return way;
}

/** What a seed decides at a point, whatever else happens in the run. */
export const randomOf = ({ name }: Point, seed: number): Random => new Random(seed * 7919 + name.length);

/** The very call that dies with this seed. */
export function deathOf(point: Point, { occurrences, ...rest }: DeathAt, seed: number): Death {
  const random = randomOf(point, seed);
  return { ...rest, occurrence: random.between(1, occurrences), afterMs: random.between(1, 60) };
}
