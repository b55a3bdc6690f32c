import type { HotkeyWeight } from '../chain-write.ts';
import type { ScoreRecord, SubmissionRecord } from '../cycle-record.ts';
import { byHotkey } from '../order.ts';
import { observes, weightsOf, weightVector } from '../scores.ts';
import type { Hotkey } from '../units.ts';
import { type Cohort, cohortOf } from './cohort.ts';
import { type PastPoints, rankedWindow } from './past.ts';
import { rankPoints } from './rank-points.ts';
import type { ScoringInput } from './strategy.ts';

/** The largest share goes to the best, a small one to those who may become it. */
export const firstGroup = { share: 0.98, size: 3, leastPoints: 3 } as const;
export const secondGroup = { share: 0.02, size: 5, leastPoints: 2 } as const;

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** A hotkey's points in the rounds given, newest first; rounds that say nothing of it are left out. */
const pointsOf = (rounds: readonly PastPoints['points'][], hotkey: Hotkey): readonly number[] =>
  rounds.flatMap((points) => points.filter((each) => each.hotkey === hotkey).map((each) => each.points));

/** This cycle's points. A miner that has points of earlier cycles and did nothing in this one gets 0. */
function present({ result, submissions, neurons, state }: ScoringInput): PastPoints['points'] | null {
  if (!observes(result)) return null;
  const submitted = new Set(submissions.map(({ hotkey }) => hotkey));
  const known = new Set(state.past.flatMap(({ points }) => points.map(({ hotkey }) => hotkey)));
  const idle = neurons.filter(({ hotkey }) => known.has(hotkey) && !submitted.has(hotkey));
  return [...rankPoints(submissions), ...idle.map(({ hotkey }) => ({ hotkey, points: 0 }))];
}

/**
 * Scores as means of rank points: of a miner's last eight points within this cycle and the eight before it that
 * observed anybody. Cycles that gave it no point are left out of the mean, not counted as 0.
 */
export function rankedScores(input: ScoringInput): readonly ScoreRecord[] {
  const past = input.state.past.map(({ points }) => points);
  const today = present(input);
  return input.neurons.toSorted(byHotkey).flatMap(({ hotkey, uid }): ScoreRecord[] => {
    const earlier = pointsOf(past, hotkey).slice(0, rankedWindow);
    const observation = today?.find((each) => each.hotkey === hotkey)?.points ?? null;
    const all = observation === null ? earlier : [observation, ...earlier].slice(0, rankedWindow);
    if (all.length === 0) return [];
    return [{ hotkey, uid, before: earlier.length === 0 ? null : meanOf(earlier), observation, after: meanOf(all) }];
  });
}

/** Why a miner gets its part of the vector, or none. */
export interface Standing {
  readonly hotkey: Hotkey;
  readonly cohort: 'a' | 'b' | 'c' | null;
  /** Points in the window, this cycle's among them. */
  readonly points: number;
  /** Whether it has a point in the last cycle that observed anybody and in the one before. */
  readonly recent: boolean;
  readonly average: number;
  readonly group: 'first' | 'second' | null;
  /** Of 1; what all shares together leave is nobody's. */
  readonly share: number;
}

/** Where each scored miner stands; null where the averages alone decide. Best first. */
export function rankedStandings(input: ScoringInput, scores: readonly ScoreRecord[]): readonly Standing[] | null {
  const { peerWeights, submissions, state, self, seed } = input;
  // Without other validators' weights nobody can be in a cohort, as before the first vector of a subnet.
  if (peerWeights === null || peerWeights.length === 0) return null;
  const today = observes(input.result)
    ? scores.flatMap(({ hotkey, observation }) => (observation === null ? [] : [{ hotkey, points: observation }]))
    : null;
  const rounds = [...(today === null ? [] : [today]), ...state.past.map(({ points }) => points)];
  const cohort = cohortOf(peerWeights, committed(submissions), seed, self);
  const placed = scores
    .filter(({ hotkey }) => hotkey !== self)
    .map(({ hotkey, uid, after }) => ({
      hotkey,
      uid,
      cohort: placeIn(cohort, hotkey),
      points: pointsOf(rounds, hotkey).length,
      recent: pointsOf(rounds.slice(0, 2), hotkey).length === 2,
      average: after,
    }))
    .toSorted((a, b) => b.average - a.average || a.uid - b.uid);
  const earning = placed.filter(({ cohort: place, average }) => place !== null && average > 0);
  const first = earning
    .filter(({ cohort: place, points, recent }) => place !== 'c' && recent && points >= firstGroup.leastPoints)
    .slice(0, firstGroup.size);
  // The originals give everything to uid 0 here: a restart or a changed schedule would empty the vector of all miners.
  if (first.length === 0) return null;
  const second = earning
    .filter((row) => !first.includes(row) && row.points >= secondGroup.leastPoints)
    .slice(0, secondGroup.size);
  const shares = new Map([...sharesIn(firstGroup.share, first), ...sharesIn(secondGroup.share, second)]);
  return placed.map(({ uid: _uid, ...row }) => ({
    ...row,
    group: first.some(({ hotkey }) => hotkey === row.hotkey)
      ? 'first'
      : second.some(({ hotkey }) => hotkey === row.hotkey)
        ? 'second'
        : null,
    share: shares.get(row.hotkey) ?? 0,
  }));
}

/** The vector of the standings; in proportion to the averages where those say nothing. */
export function rankedVector(input: ScoringInput, scores: readonly ScoreRecord[]): readonly HotkeyWeight[] {
  const standings = rankedStandings(input, scores);
  if (standings === null) return weightVector(scores, input.self);
  return weightsOf(standings.map(({ hotkey, share }) => ({ hotkey, value: share })));
}

/** A group's share, divided in proportion to the averages. */
export function sharesIn(
  share: number,
  members: readonly { readonly hotkey: Hotkey; readonly average: number }[],
): readonly (readonly [Hotkey, number])[] {
  const total = members.reduce((sum, { average }) => sum + average, 0);
  return members.map(({ hotkey, average }) => [hotkey, (share * average) / total] as const);
}

const committed = (submissions: readonly SubmissionRecord[]): readonly Hotkey[] =>
  submissions.filter(({ modelHash }) => modelHash !== null).map(({ hotkey }) => hotkey);

const placeIn = ({ a, b, c }: Cohort, hotkey: Hotkey): Standing['cohort'] =>
  a.includes(hotkey) ? 'a' : b.includes(hotkey) ? 'b' : c.includes(hotkey) ? 'c' : null;
