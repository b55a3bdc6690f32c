import type { Ground } from './ground.ts';
import { type Result, verdictOf } from './verdict.ts';

/** One line of the report. Throws what {@link absent} or {@link notProvoked} make, or an error for a failure. */
export interface Check<G = Ground> {
  readonly name: string;
  readonly run: (ground: G) => Promise<void>;
}

/** Several lines that one piece of work on the chain gives: a block is dear on a real runtime. */
export interface CheckGroup<G = Ground> {
  readonly names: readonly string[];
  readonly run: (ground: G) => Promise<readonly Result[]>;
}

export const single = <G>({ name, run }: Check<G>): CheckGroup<G> => ({
  names: [name],
  run: async (ground) => {
    try {
      await run(ground);
      return [{ name, verdict: { kind: 'pass' } }];
    } catch (error) {
      return [{ name, verdict: verdictOf(error) }];
    }
  },
});

/** Runs the groups in order; what a group does not speak of, because it broke, has failed. */
export async function runChecks<G>(
  ground: G,
  groups: readonly CheckGroup<G>[],
  report: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const group of groups) {
    const told = await group
      .run(ground)
      .catch((error: unknown): readonly Result[] => group.names.map((name) => ({ name, verdict: verdictOf(error) })));
    for (const result of told) {
      results.push(result);
      report(result);
    }
  }
  return results;
}
