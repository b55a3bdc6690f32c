import { type PhaseName, phaseNames } from '../../../domain/phases.ts';
import type { Played } from './play.ts';
import { deathOf, type Point, wayOf } from './point.ts';

/** Two kills of one process are at different moments where it begins so many activities between them. */
const apart = 4;

/** A kill, with where it is in the run without kills. */
interface Placed {
  readonly point: Point;
  /** How many activities were begun before. */
  readonly position: number;
  readonly phase: PhaseName;
  /** Whose process ends; `miner` for its signer, too, which ends with it. */
  readonly of: string;
  readonly holds: string | null;
  readonly alone: readonly PhaseName[];
}

/**
 * Lays the points of one seed over so many runs that each has about `size` of them. Neighbours in the course of the cycle
 * go to different runs, so that a run's kills are spread over all of it; no two of a run are of one process at one
 * moment, or need the same thing for themselves.
 */
export function packPoints(
  points: readonly Point[],
  seed: number,
  calm: Pick<Played, 'noted' | 'phases'>,
  size: number,
): readonly (readonly Point[])[] {
  const placed = points.map((each) => place(each, seed, calm)).toSorted((a, b) => a.position - b.position);
  const packs: Placed[][] = Array.from({ length: Math.ceil(placed.length / size) }, () => []);
  // Those that want a phase for themselves first, while there is room for it.
  const order = [
    ...placed.filter(({ alone }) => alone.length > 0),
    ...placed.filter(({ alone }) => alone.length === 0),
  ];
  order.forEach((each, index) => {
    const turns = [...packs.slice(index % packs.length), ...packs.slice(0, index % packs.length)];
    const fitting = turns
      .filter((pack) => pack.every((other) => !disturb(each, other)))
      .toSorted((a, b) => a.length - b.length);
    const [pack] = fitting;
    if (pack === undefined) packs.push([each]);
    else pack.push(each);
  });
  return packs.map((pack) => pack.toSorted((a, b) => a.position - b.position).map(({ point }) => point));
}

const disturb = (a: Placed, b: Placed): boolean =>
  (a.of === b.of && Math.abs(a.position - b.position) < apart) ||
  (a.holds !== null && a.holds === b.holds) ||
  a.alone.includes(b.phase) ||
  b.alone.includes(a.phase);

function place(point: Point, seed: number, { noted, phases }: Pick<Played, 'noted' | 'phases'>): Placed {
  const begun = noted.filter(({ kind }) => kind === 'begun');
  const startOf = (phase: PhaseName): number => phases[phase] ?? 0;
  const phaseOf = (position: number): PhaseName =>
    phaseNames.findLast((phase) => startOf(phase) <= position) ?? 'Distribute';
  const way = wayOf(point, seed);
  if (way.kind === 'strike') {
    const { of, at, holds = null, alone = [] } = way.strike;
    return { point, position: startOf(at) + 1, phase: at, of, holds, alone };
  }
  const { by, activity, occurrence } = deathOf(point, way.death, seed);
  const calls = begun.flatMap((each, index) => (each.by === by && each.name === activity ? [index] : []));
  const position = calls[occurrence - 1] ?? begun.length;
  return { point, position, phase: phaseOf(position), of: by.replace(/ signer$/, ''), holds: null, alone: [] };
}
