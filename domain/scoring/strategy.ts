import type { HotkeyWeight } from '../chain-write.ts';
import type { CycleRecord, CycleResult, ScoreRecord, SubmissionRecord } from '../cycle-record.ts';
import type { Seat } from '../roster.ts';
import { cycleScores, weightVector } from '../scores.ts';
import type { Hotkey } from '../units.ts';
import type { PeerWeights } from './cohort.ts';
import type { ScoreState } from './past.ts';
import { rankedScores, rankedVector } from './ranked.ts';
import type { ScoreRule } from './rule.ts';

/** Everything that a cycle's scores and vector follow from. All of it is in the ledger. */
export interface ScoringInput {
  readonly result: CycleResult;
  /** Who is registered, at the block at which the roster was frozen. */
  readonly neurons: readonly Seat[];
  readonly submissions: readonly SubmissionRecord[];
  /** The validator, which gets no weight of its own. */
  readonly self: Hotkey;
  /** The cycle's seed and validators; null where the roster could not be read. */
  readonly seed: CycleRecord['seed'];
  /** What the validators' rows on chain held when the roster was frozen; null where that was not recorded. */
  readonly peerWeights: readonly PeerWeights[] | null;
  readonly state: ScoreState;
}

/** The scores after a cycle, in order of hotkeys. */
export function scoresBy(rule: ScoreRule, input: ScoringInput): readonly ScoreRecord[] {
  switch (rule.name) {
    case 'relative-drop-ema': {
      const { result, neurons, submissions, state } = input;
      return cycleScores(result, { previous: state.previous, neurons, submissions, alpha: rule.alpha });
    }
    case 'ranked':
      return rankedScores(input);
  }
}

/** The weight vector that the scores give, in order of hotkeys; empty where nobody has a positive score. */
export function vectorBy(
  rule: ScoreRule,
  input: ScoringInput,
  scores: readonly ScoreRecord[],
): readonly HotkeyWeight[] {
  switch (rule.name) {
    case 'relative-drop-ema':
      return weightVector(scores, input.self);
    case 'ranked':
      return rankedVector(input, scores);
  }
}
