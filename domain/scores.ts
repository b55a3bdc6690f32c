import type { HotkeyWeight } from './chain-write.ts';
import type { CycleResult, ScoreRecord, SubmissionRecord } from './cycle-record.ts';
import { byHotkey } from './order.ts';
import { countedSubmissions } from './proof-of-loss.ts';
import type { Seat } from './roster.ts';
import type { Hotkey, Uid } from './units.ts';

/** A hotkey's score as it stands, with the uid that it had when it was last scored. */
export interface CurrentScore {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
  readonly score: number;
}

export interface ScoreInput {
  /** The scores before this cycle. */
  readonly previous: readonly CurrentScore[];
  /** Who is registered, at the block at which the roster was frozen. */
  readonly neurons: readonly Seat[];
  readonly submissions: readonly SubmissionRecord[];
  /** Weight of the past, between 0 and 1. */
  readonly alpha: number;
}

/** What a submission says about its miner: its w, 0 for the miner's own fault, null (nothing) for anything else. */
function observationOf({ outcome, w }: SubmissionRecord): number | null {
  if (outcome === 'ok') return w;
  return outcome === 'miner_fault' ? 0 : null;
}

function scoreBy(input: ScoreInput, observe: (hotkey: Hotkey) => number | null): readonly ScoreRecord[] {
  const previous = new Map(input.previous.map(({ hotkey, score }) => [hotkey, score]));
  return input.neurons.toSorted(byHotkey).flatMap(({ hotkey, uid }): ScoreRecord[] => {
    const before = previous.get(hotkey) ?? null;
    const observation = observe(hotkey);
    if (before === null && observation === null) return [];
    const after =
      observation === null
        ? (before ?? 0)
        : before === null
          ? observation
          : input.alpha * before + (1 - input.alpha) * observation;
    return [{ hotkey, uid, before, observation, after }];
  });
}

/**
 * The scores after a cycle: score ← α·score + (1 − α)·w, the first observation whole. A scored miner without a
 * submission is observed as 0; our own fault, or what nobody can tell, is no observation and leaves the score alone.
 *
 * Scores follow the hotkey, never the uid: a hotkey that is no longer registered is dropped, and the new one on its
 * uid starts from nothing. One row for each hotkey that has or gets a score, in ascending order of hotkeys.
 */
export function nextScores(input: ScoreInput): readonly ScoreRecord[] {
  const submissions = new Map(countedSubmissions(input.submissions).map((each) => [each.hotkey, each]));
  const scored = new Set(input.previous.map(({ hotkey }) => hotkey));
  return scoreBy(input, (hotkey) => {
    const submission = submissions.get(hotkey);
    if (submission !== undefined) return observationOf(submission);
    return scored.has(hotkey) ? 0 : null;
  });
}

/** Whether a cycle that ended so observes anybody. One that abstained or was missed carries all scores on. */
export const observes = (result: CycleResult): boolean => result !== 'abstained' && result !== 'missed';

/** The scores after a cycle that ended with `result`: {@link nextScores}, or the previous ones carried on. */
export function cycleScores(result: CycleResult, input: ScoreInput): readonly ScoreRecord[] {
  return observes(result) ? nextScores(input) : scoreBy(input, () => null);
}

/** The largest weight on chain (u16). */
export const maxWeight = 65_535;

/**
 * Values as weights: the highest becomes 65535, the others in proportion, rounded; zeros are left out. In ascending
 * order of hotkeys; empty where no value is positive.
 */
export function weightsOf(
  values: readonly { readonly hotkey: Hotkey; readonly value: number }[],
): readonly HotkeyWeight[] {
  const positive = values.filter(({ value }) => value > 0).toSorted(byHotkey);
  const highest = positive.reduce((most, { value }) => Math.max(most, value), 0);
  return positive
    .map(({ hotkey, value }) => ({ hotkey, weight: Math.round((value / highest) * maxWeight) }))
    .filter(({ weight }) => weight > 0);
}

/** Scores as weights, in proportion; oneself is left out. */
export const weightVector = (
  scores: readonly Pick<ScoreRecord, 'hotkey' | 'after'>[],
  selfHotkey: Hotkey,
): readonly HotkeyWeight[] =>
  weightsOf(
    scores.filter(({ hotkey }) => hotkey !== selfHotkey).map(({ hotkey, after }) => ({ hotkey, value: after })),
  );
