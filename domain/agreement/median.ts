import { lossTolerance } from './table.ts';

/** A value with the stake behind it. */
export interface Vote {
  readonly value: number;
  readonly stake: bigint;
}

const sumOf = (votes: readonly Vote[]): bigint => votes.reduce((sum, { stake }) => sum + stake, 0n);

/**
 * The lower weighted median: the least value that is not below half of the stake. It is always one of the votes and
 * nothing is added up but whole numbers, so that every machine has the same bits. Null where no stake is behind any.
 */
export function weightedMedian(votes: readonly Vote[]): number | null {
  const total = sumOf(votes);
  if (total === 0n) return null;
  let below = 0n;
  for (const { value, stake } of votes.toSorted((a, b) => a.value - b.value)) {
    below += stake;
    if (below * 2n >= total) return value;
  }
  return null;
}

/**
 * Whether more than a third of all stake, of those who are silent too, says at least `value`, and more than a third
 * says at most it, each within the tolerance of a loss. Then liars with up to a third cannot have brought it about: on
 * either side of it, or at it, stands somebody honest. Half of the stake is heard, and a third of it lies: without this
 * the liars would be the majority of what is heard.
 */
export function isSupported(value: number, votes: readonly Vote[], allStake: bigint): boolean {
  const least = value * (1 - lossTolerance);
  const most = value * (1 + lossTolerance);
  const holdsThird = (some: readonly Vote[]) => sumOf(some) * 3n > allStake;
  return (
    holdsThird(votes.filter((vote) => vote.value >= least)) && holdsThird(votes.filter((vote) => vote.value <= most))
  );
}
