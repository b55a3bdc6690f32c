/** Of what was measured in several rounds: the middle one and the two outermost. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), least: at(0), most: at(sorted.length - 1) };
}

/** How a spread is printed: three figures that matter, no more. */
export const rounded = ({ median, least, most }: Spread): Spread => ({
  median: Number(median.toPrecision(3)),
  least: Number(least.toPrecision(3)),
  most: Number(most.toPrecision(3)),
});

export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Times of two competitors, round by round, in milliseconds. */
export interface Turns {
  readonly ours: readonly number[];
  readonly other: readonly number[];
}

/**
 * Has two competitors work in turns, the one that begins changing from round to round, so that the machine's moods meet
 * both alike. The first rounds warm the compiler up and do not count.
 */
export async function inTurns(
  rounds: number,
  warmUp: number,
  work: { readonly ours: (round: number) => unknown; readonly other: (round: number) => unknown },
): Promise<Turns> {
  const ours: number[] = [];
  const other: number[] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const first = round % 2 === 0 ? await timed(() => work.ours(round)) : null;
    const otherMs = await timed(() => work.other(round));
    const oursMs = first ?? (await timed(() => work.ours(round)));
    if (round < 0) continue;
    ours.push(oursMs);
    other.push(otherMs);
  }
  return { ours, other };
}

/** How many times as fast as the other one we are, round by round: the machine's speed wanders from round to round. */
export const ratios = ({ ours, other }: Turns): readonly number[] =>
  ours.map((ms, index) => (other[index] ?? Number.NaN) / ms);
