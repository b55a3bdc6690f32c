import type { Stack, StackOptions } from '../../stack/stack.ts';
import type { Noted } from './death.ts';
import type { Acts, Point } from './point.ts';
import type { RoleWorkflows } from './workflows.ts';

/** Who takes part in a run, and what it comes to. */
export interface Cast<Outcome extends object = object> {
  readonly name: 'alone' | 'several';
  /** Who needs a namespace, and in which of them an account works. */
  readonly seats: readonly string[];
  readonly seatOf: (account: string) => string;
  /** Of a run with this seed. */
  readonly options: (seed: number) => Pick<StackOptions, 'schedule' | 'miners' | 'steps'> & Partial<StackOptions>;
  /** All processes, in the order in which they are told to end. */
  readonly processes: (stack: Stack) => readonly string[];
  readonly start: (stack: Stack) => Promise<void>;
  /** What a process is called in notes and deaths; null for one without workers. */
  readonly noted: (stack: Stack, process: string) => string | null;
  readonly roles: (stack: Stack) => readonly RoleWorkflows[];
  /** What happens in each run, whoever is killed. */
  readonly acts: readonly Acts[];
  /** At what somebody can be killed, by what a run without kills noted. */
  readonly points: (noted: readonly Noted[]) => readonly Point[];
  /** All that must be as it is without a kill, of so many cycles. */
  readonly outcome: (stack: Stack, cycles: readonly number[]) => Promise<Outcome>;
}
