import { noPast, pastNeeded, type ScoreState, stateAfter } from '../../domain/scoring/past.ts';
import { knownRule, type ScoreRule } from '../../domain/scoring/rule.ts';
import { type Blocks, blocks, type Hotkey } from '../../domain/units.ts';
import type { ChainScope, Cycles } from './cycles.ts';

/** Scores as the finished cycles left them. There is no table of current scores that could contradict them. */
export interface Scores {
  /** What a rule knows of the cycles that began before a block; of all finished ones where it is left out. */
  state(scope: ChainScope & { readonly hotkey: Hotkey }, rule: ScoreRule, before?: Blocks): Promise<ScoreState>;
}

export function scores(cycles: Pick<Cycles, 'before'>): Scores {
  return {
    async state(scope, rule, before = blocks(Number.MAX_SAFE_INTEGER)) {
      const read = (limit: number) => cycles.before(scope.hotkey, scope, before, limit);
      const newest = await read(1);
      if (newest.length === 0) return noPast;
      // Scores of the same rule stand in the newest record; everything else has to be made from several.
      const [last] = newest;
      const goesOn = rule.name !== 'ranked' && last !== undefined && knownRule(last.scoreRule)?.name === rule.name;
      return stateAfter(rule, goesOn ? newest : await read(pastNeeded(rule)));
    },
  };
}
