import type { PhaseName } from '../../../domain/phases.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Random } from '../chain/random.ts';
import type { Death } from './death.ts';

/** What a kill from outside has at hand. */
export interface Scene {
  readonly stack: Stack;
  /** The miner's name. */
  readonly miner: string;
  readonly random: Random;
}

/** Kills from outside the processes, at moments of the cycle. No block is built while one of them is at work. */
export interface Strike {
  /** Beside the run, from its beginning; waits for what it needs to hear. */
  readonly beside?: (scene: Scene) => Promise<void>;
  /** Before the block that begins a phase, and after it. */
  readonly before?: Partial<Readonly<Record<PhaseName, (scene: Scene) => Promise<void>>>>;
  readonly entered?: Partial<Readonly<Record<PhaseName, (scene: Scene) => Promise<void>>>>;
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

/** How somebody is killed with this seed; null at the point of nobody. */
export const wayOf = ({ ways }: Point, seed: number): Way | null => ways[(seed - 1) % ways.length] ?? null;
