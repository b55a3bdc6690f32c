import type { Noted } from './death.ts';
import type { DeathAt, Point } from './point.ts';
import { strikes } from './strikes.ts';

/** With every point of the matrix. */
export const seeds = [1, 2, 3, 4, 5] as const;

/** Activities that are long enough to be killed in their middle by a timer. */
const long: ReadonlySet<string> = new Set([
  'accumulateGradients',
  'evaluateModel',
  'mergeGradients',
  'publishModel',
  'trainGroup',
  'verifySubmission',
]);

/** Done over and over while nothing happens, so that the run without kills does not tell how often. */
const idle: ReadonlySet<string> = new Set(['lookAround']);

/** Activities that are registered, and that a validator alone in its subnet, and its miner, never do. */
export const withOthersOnly: ReadonlySet<string> = new Set([
  // Said, heard and fetched among several validators.
  'agreeOnScores',
  'awaitMessages',
  'drawSalt',
  'fetchFromPeer',
  'fetchGradients',
  'fetchModel',
  'gatherAnnouncements',
  'gatherDigests',
  'gatherReports',
  'gatherVouches',
  'keepMessage',
  'sayToPeers',
  'signMessages',
  // Of miners that serve their files themselves, of modes that send nothing, and of weights that are committed.
  'publishArtifact',
  'pullSubmission',
  'recordWithheld',
  'watchReveal',
  // For whoever writes a workflow of their own.
  'readCommitments',
  'readHead',
  'readSnapshot',
]);

/**
 * Every point of the matrix: each activity that a run without kills did, whoever did it, and the kills from outside. A
 * new activity so is a point by itself.
 */
export function pointsOf(noted: readonly Noted[]): readonly Point[] {
  const counts = new Map<string, { readonly by: string; readonly activity: string; occurrences: number }>();
  for (const { by, name, kind } of noted) {
    if (kind !== 'begun') continue;
    const entry = counts.get(`${by} ${name}`) ?? { by, activity: name, occurrences: 0 };
    entry.occurrences += 1;
    counts.set(`${by} ${name}`, entry);
  }
  const names = new Set([...counts.values()].map(({ activity }) => activity));
  const deaths = [...names].toSorted().map((name) => pointAt(name, [...counts.values()]));
  return [...deaths, ...strikes];
}

type Counted = Pick<DeathAt, 'by' | 'activity' | 'occurrences'>;

/** An activity dies right after its effect, with whoever does it; a long one also in its middle. */
function pointAt(name: string, counted: readonly Counted[]): Point {
  const moments = long.has(name) ? (['during', 'after'] as const) : (['after'] as const);
  const ways = counted
    .filter(({ activity }) => activity === name)
    .toSorted((a, b) => (a.by < b.by ? -1 : 1))
    .flatMap((each) => moments.map((moment) => ({ ...each, occurrences: surely(each), moment })))
    .map((death) => ({ kind: 'death', death }) as const);
  return { name, ways };
}

/** How many calls every run has: a slow one has a few waits and looks more or less than another one. */
const surely = ({ activity, occurrences }: Counted): number => {
  if (idle.has(activity)) return 1;
  return occurrences > 3 ? Math.floor(occurrences * 0.6) : occurrences;
};
