import { idle, type Noted } from './death.ts';
import type { DeathAt, Point } from './point.ts';

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

/** Activities that a validator among others does, and one that is alone in its subnet never. */
export const withOthersOnly: ReadonlySet<string> = new Set([
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
]);

/** Activities that are registered, and that no run does. */
export const inNoRun: ReadonlySet<string> = new Set([
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
 * The points at activities: each that a run without kills did, whoever did it. A new activity so is a point by itself.
 */
export function activityPoints(noted: readonly Noted[]): readonly Point[] {
  const counts = new Map<string, Counted>();
  for (const { by, name, kind } of noted) {
    if (kind !== 'begun') continue;
    const occurrences = (counts.get(`${by} ${name}`)?.occurrences ?? 0) + 1;
    counts.set(`${by} ${name}`, { by, activity: name, occurrences });
  }
  const counted = [...counts.values()];
  const names = [...new Set(counted.map(({ activity }) => activity))].toSorted();
  const after = names.map((name) => pointAt(name, name, counted, momentsOf(name)));
  if (!names.includes('submitExtrinsic')) return after;
  // Signed and written down, and nobody has sent it.
  return [...after, pointAt('between prepareExtrinsic and submitExtrinsic', 'submitExtrinsic', counted, ['before'])];
}

type Counted = Pick<DeathAt, 'by' | 'activity' | 'occurrences'>;

/** An activity dies right after its effect, with whoever does it; a long one also in its middle. */
const momentsOf = (activity: string): readonly DeathAt['moment'][] =>
  long.has(activity) ? ['during', 'after'] : ['after'];

function pointAt(
  name: string,
  activity: string,
  counted: readonly Counted[],
  moments: readonly DeathAt['moment'][],
): Point {
  const ways = counted
    .filter((each) => each.activity === activity)
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
