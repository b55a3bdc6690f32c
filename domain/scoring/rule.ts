/** The strategies that turn a cycle's submissions into scores and a vector, as the configuration names them. */
export const strategyNames = ['relative-drop-ema', 'ranked'] as const;

export type StrategyName = (typeof strategyNames)[number];

/** Scores are an average of relative drops that forgets slowly; `alpha` is the weight of the past, between 0 and 1. */
export interface RelativeDropEmaRule {
  readonly name: 'relative-drop-ema';
  readonly version: 1;
  readonly alpha: number;
}

/** Scores are the mean of rank points over a window; the vector goes to few. */
export interface RankedRule {
  readonly name: 'ranked';
  readonly version: 1;
}

/** A strategy with its version and everything that its arithmetic depends on. Another arithmetic is a new version. */
export type ScoreRule = RelativeDropEmaRule | RankedRule;

/** A rule as a record names it; a record of a later Ostinato may name one that is not known here. */
export interface RecordedRule {
  readonly name: string;
  readonly version: number;
  readonly alpha?: number;
}

/** The present version of a strategy. */
export const ruleOf = (name: StrategyName, alpha: number): ScoreRule =>
  name === 'ranked' ? { name, version: 1 } : { name, version: 1, alpha };

/** The rule that a record names, where this Ostinato knows it; else null. */
export function knownRule({ name, version, alpha }: RecordedRule): ScoreRule | null {
  if (version !== 1) return null;
  if (name === 'ranked') return { name, version };
  return name === 'relative-drop-ema' && alpha !== undefined ? { name, version, alpha } : null;
}
