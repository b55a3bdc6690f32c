import { observedSubmissions } from './agreement/observe.ts';
import { agreementDifferences } from './agreement/verify.ts';
import { canonicalJson } from './canonical-json.ts';
import { assignmentOf } from './cycle-assignment.ts';
import type { CycleRecord, SubmissionRecord } from './cycle-record.ts';
import { rescale } from './guardrails.ts';
import { mergeProblem } from './merge/record.ts';
import { compareText } from './order.ts';
import { abstains, assignedIn, countedSubmissions, improving, relativeDrop } from './proof-of-loss.ts';
import type { Seat } from './roster.ts';
import { observes } from './scores.ts';
import { type ScoreState, seenIn } from './scoring/past.ts';
import { knownRule, type RecordedRule, type ScoreRule } from './scoring/rule.ts';
import { type ScoringInput, scoresBy, vectorBy } from './scoring/strategy.ts';
import { combineSeeds } from './seeds.ts';
import type { Hotkey } from './units.ts';
import type { WeightsReview } from './weights-review.ts';

/** One place at which a record says something else than its own inputs give. */
export interface Difference {
  readonly what:
    | 'rule'
    | 'seed'
    | 'assignment'
    | 'w'
    | 'copy'
    | 'agreement'
    | 'result'
    | 'score'
    | 'vector'
    | 'merge'
    | 'model';
  /** Whose row it is; null where it concerns the cycle as a whole. */
  readonly hotkey: Hotkey | null;
  /** Both as canonical JSON, or "missing". */
  readonly recorded: string;
  readonly recomputed: string;
}

export interface VerifyInput {
  readonly record: CycleRecord;
  /** What the record's rule knows of the past, from the records before it. */
  readonly state: ScoreState;
  /**
   * Who was registered when the roster was frozen, read from the chain. Without it the record's own rows are taken,
   * and a hotkey that was dropped too early cannot be told from one that had left.
   */
  readonly neurons?: readonly Seat[];
}

type Row = { readonly hotkey: Hotkey };

/** Compares two lists of rows by hotkey, as their canonical texts. */
function compareRows(what: Difference['what'], recorded: readonly Row[], recomputed: readonly Row[]): Difference[] {
  const texts = (rows: readonly Row[]) => new Map(rows.map((row) => [row.hotkey, canonicalJson(row)]));
  const [left, right] = [texts(recorded), texts(recomputed)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((hotkey) => {
    const [a, b] = [left.get(hotkey) ?? 'missing', right.get(hotkey) ?? 'missing'];
    return a === b ? [] : [{ what, hotkey, recorded: a, recomputed: b }];
  });
}

function compareValue(what: Difference['what'], recorded: unknown, recomputed: unknown): Difference[] {
  const [a, b] = [canonicalJson(recorded), canonicalJson(recomputed)];
  return a === b ? [] : [{ what, hotkey: null, recorded: a, recomputed: b }];
}

const unknownRule = (rule: RecordedRule): Difference => ({
  what: 'rule',
  hotkey: null,
  recorded: canonicalJson(rule),
  recomputed: 'unknown to this Ostinato',
});

/** Who copied whom. Records of before copies named their original are held against the verdict alone. */
function compareCopies(submissions: readonly SubmissionRecord[]): Difference[] {
  const named = new Set(submissions.filter(({ copyOf }) => copyOf !== undefined).map(({ hotkey }) => hotkey));
  const verdict = ({ hotkey, outcome, reason, copyOf }: SubmissionRecord) => ({
    hotkey,
    outcome,
    reason,
    copyOf: named.has(hotkey) ? (copyOf ?? null) : null,
  });
  return compareRows('copy', submissions.map(verdict), countedSubmissions(submissions).map(verdict));
}

/** What a record's scores follow from; who was registered is taken from its own rows where nobody else says it. */
export const scoringInputOf = (record: CycleRecord, state: ScoreState, neurons?: readonly Seat[]): ScoringInput => ({
  result: record.result,
  neurons: neurons ?? seenIn(record),
  submissions: observedSubmissions(record.submissions, record.agreement),
  self: record.hotkey,
  seed: record.seed,
  peerWeights: record.peerWeights ?? null,
  state,
});

/** Who judges whom follows from the seed; where nobody was a validator, this one was it for all. */
function compareAssignment({ seed, assignment, hotkey, submissions }: CycleRecord): Difference[] {
  if (seed === null || assignment === undefined) return [];
  const miners = assignment.flatMap((each) => each.miners).toSorted(compareText);
  const given = assignmentOf(seed, miners);
  const missing = submissions.filter((row) => !miners.includes(row.hotkey)).map((row) => row.hotkey);
  return [
    ...compareValue('assignment', assignment, given.length > 0 ? given : [{ validator: hotkey, miners }]),
    ...compareValue('assignment', missing, []),
  ];
}

function compareResult(record: CycleRecord): Difference[] {
  // Without a seed the roster could not be read, and there is nothing to judge the result by.
  if (record.result === 'missed' || (record.result === 'abstained' && record.seed === null)) return [];
  if (abstains(record.submissions) !== null) return compareValue('result', record.result, 'abstained');
  if (improving(record.submissions, assignedIn(record)).length > 0)
    return compareValue('result', record.result, 'completed');
  const none = record.result === 'no_submissions' || record.result === 'no_improvement';
  return none ? [] : compareValue('result', record.result, 'no_improvement');
}

function compareVector(record: CycleRecord, rule: ScoreRule, input: ScoringInput): Difference[] {
  // A cycle that gives no scores need not set weights; if it does, they follow from the scores like any other's.
  if (!observes(record.result) && record.vector.length === 0) return [];
  const given = vectorBy(rule, input, record.scores);
  const { review } = record;
  if (review !== undefined) {
    const asked = followsFrom(review);
    return [
      ...compareValue('vector', review.proposed, given),
      ...(asked === null ? [] : compareValue('vector', record.vector, asked)),
    ];
  }
  return [
    ...compareRows('vector', record.vector, given),
    ...(record.vector.length === given.length
      ? compareValue(
          'vector',
          record.vector.map(({ hotkey }) => hotkey),
          given.map(({ hotkey }) => hotkey),
        )
      : []),
  ];
}

/** What a review's decision leaves of the proposed vector; null where an operator or an older vector took its place. */
function followsFrom({ proposed, departed, decision }: WeightsReview): CycleRecord['vector'] | null {
  const gone = new Set(departed);
  switch (decision) {
    case 'passed':
    case 'withheld':
    case 'approved':
    case 'late_published':
      return rescale(proposed.filter(({ hotkey }) => !gone.has(hotkey)));
    case 'vetoed':
    case 'late_nothing':
      return [];
    case 'amended':
    case 'late_last_good':
      return null;
  }
}

/**
 * Recomputes from a record's inputs everything that decides a score: seed, assignment, w, copies, agreement, scores,
 * vector; and whether the result and the model agree with them. Returns what differs; nothing if all is as recorded.
 * Losses are taken as recorded: computing them anew needs the artefacts.
 */
export function verifyCycleRecord({ record, state, neurons }: VerifyInput): readonly Difference[] {
  const rule = knownRule(record.scoreRule);
  const { seed, submissions } = record;
  if (rule === null) return [unknownRule(record.scoreRule)];
  const input = scoringInputOf(record, state, neurons);
  const { merge } = record;
  // Before validators merged with each other, a completed cycle was one that took the step.
  const stays = merge === undefined ? record.result !== 'completed' : merge.result !== 'merged';
  return [
    ...(seed?.source === 'validator_commits' ? compareValue('seed', seed.combined, combineSeeds(seed.validators)) : []),
    ...compareAssignment(record),
    ...compareRows(
      'w',
      submissions.map(({ hotkey, w }) => ({ hotkey, w })),
      submissions.map(({ hotkey, lossBefore, lossAfter }) => ({ hotkey, w: relativeDrop(lossBefore, lossAfter) })),
    ),
    ...compareCopies(submissions),
    ...agreementDifferences(record).map((each) => ({ what: 'agreement' as const, hotkey: null, ...each })),
    ...compareResult(record),
    ...compareRows('score', record.scores, scoresBy(rule, input)),
    ...compareVector(record, rule, input),
    ...(merge === undefined ? [] : compareValue('merge', mergeProblem(merge), null)),
    ...(stays ? compareValue('model', record.modelAfter, record.modelBefore) : []),
  ];
}
