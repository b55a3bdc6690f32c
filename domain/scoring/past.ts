import { observedCycle } from '../agreement/observe.ts';
import type { CycleRecord } from '../cycle-record.ts';
import { byHotkey } from '../order.ts';
import { type CurrentScore, cycleScores, observes } from '../scores.ts';
import type { Hotkey } from '../units.ts';
import { rankPoints } from './rank-points.ts';
import { knownRule, type ScoreRule } from './rule.ts';

/** A finished cycle, as far as a later one's scores depend on it. */
export type PastCycle = Pick<CycleRecord, 'cycle' | 'result' | 'submissions' | 'scores' | 'scoreRule' | 'agreement'>;

/** Rank points that one earlier cycle gave. */
export interface PastPoints {
  readonly cycle: number;
  readonly points: readonly { readonly hotkey: Hotkey; readonly points: number }[];
}

/**
 * What a rule knows of the past. It is always computed from the finished cycles and is kept nowhere else, so that
 * nothing can be lost, be stale or contradict the records.
 */
export interface ScoreState {
  /** Scores as they stood; empty for a rule that goes by `past`. */
  readonly previous: readonly CurrentScore[];
  /** The last cycles that observed anybody, newest first; empty for a rule that goes by `previous`. */
  readonly past: readonly PastPoints[];
}

export const noPast: ScoreState = { previous: [], past: [] };

/** Cycles that count for the mean of rank points, besides the present one. */
export const rankedWindow = 8;

/** From how many cycles scores are built anew after a change of the rule: 0.9^32 leaves 3 % of what came before. */
export const rebuiltFrom = 32;

/** How many earlier cycles may have to be read for a rule's state, missed ones left out. */
export const pastNeeded = (rule: ScoreRule): number => (rule.name === 'ranked' ? 2 * rankedWindow : rebuiltFrom);

/**
 * A rule's state after the given cycles.
 *
 * @param cycles newest first, without missed ones; further back than {@link pastNeeded} they are not looked at
 */
export function stateAfter(rule: ScoreRule, cycles: readonly PastCycle[]): ScoreState {
  const needed = cycles.slice(0, pastNeeded(rule)).map(observedCycle);
  return rule.name === 'ranked'
    ? { previous: [], past: pointsOf(needed) }
    : { previous: emaAfter(rule, needed), past: [] };
}

/** Scores of another rule are of another scale, so after a change of the rule they are built anew from the losses. */
function emaAfter(rule: Extract<ScoreRule, { name: 'relative-drop-ema' }>, cycles: readonly PastCycle[]) {
  const current = (last: PastCycle): readonly CurrentScore[] =>
    last.scores.map(({ hotkey, uid, after }) => ({ hotkey, uid, score: after }));
  const [newest] = cycles;
  if (newest !== undefined && knownRule(newest.scoreRule)?.name === rule.name) return current(newest);
  let previous: readonly CurrentScore[] = [];
  for (const cycle of cycles.toReversed()) {
    const neurons = seenIn(cycle);
    const scores = cycleScores(cycle.result, { previous, neurons, submissions: cycle.submissions, alpha: rule.alpha });
    previous = current({ ...cycle, scores });
  }
  return previous;
}

/** Those that a record shows to have been registered, in order of hotkeys. */
export function seenIn({ submissions, scores }: Pick<CycleRecord, 'submissions' | 'scores'>) {
  const rows = [...submissions, ...scores].map(({ hotkey, uid }) => ({ hotkey, uid }));
  return [...new Map(rows.map((row) => [row.hotkey, row])).values()].toSorted(byHotkey);
}

/**
 * Each cycle's points, of the hotkeys that stayed registered since: one that a later record no longer has was gone for
 * a time, and whoever comes back starts from nothing. Carried scores have a row in every cycle, so its lack tells.
 */
function pointsOf(cycles: readonly PastCycle[]): readonly PastPoints[] {
  const past: PastPoints[] = [];
  const seen = cycles.map((cycle) => new Set(seenIn(cycle).map(({ hotkey }) => hotkey)));
  const gone = new Set<Hotkey>();
  for (const [index, cycle] of cycles.entries()) {
    if (past.length === rankedWindow) break;
    if (observes(cycle.result)) {
      past.push({ cycle: cycle.cycle, points: pointsIn(cycle).filter(({ hotkey }) => !gone.has(hotkey)) });
    }
    for (const hotkey of seen[index + 1] ?? []) if (seen[index]?.has(hotkey) !== true) gone.add(hotkey);
  }
  return past;
}

/** Points of a stored cycle, whatever rule it was scored by; who had a score and did nothing has 0. */
function pointsIn({ submissions, scores }: PastCycle): PastPoints['points'] {
  const given = rankPoints(submissions);
  const submitted = new Set(submissions.map(({ hotkey }) => hotkey));
  const idle = scores.filter(({ hotkey, observation }) => !submitted.has(hotkey) && observation !== null);
  return [...given, ...idle.map(({ hotkey }) => ({ hotkey, points: 0 }))].toSorted(byHotkey);
}
