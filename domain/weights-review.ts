import type { HotkeyWeight } from './chain-write.ts';
import { problemOf, type Reviewed, rescale, stillSeated, type Trip, type WeightsFacts } from './guardrails.ts';
import type { Blocks, Hotkey } from './units.ts';
import type { WeightsMode, WeightsRules } from './weights-rules.ts';

/** What an operator says to a vector that waits. `by` is whoever says it, in whatever words they sign with. */
export type OperatorVerb =
  | { readonly kind: 'approve'; readonly by: string }
  | {
      readonly kind: 'amend';
      readonly by: string;
      readonly reason: string;
      readonly weights: readonly HotkeyWeight[];
    }
  | { readonly kind: 'veto'; readonly by: string; readonly reason: string };

/** How a vector's review ended. */
export type DecisionKind =
  /** Nothing tripped. */
  | 'passed'
  /** The mode signs nothing. */
  | 'withheld'
  | 'approved'
  | 'amended'
  | 'vetoed'
  /** Nobody decided by the deadline block: what the policy says. */
  | 'late_last_good'
  | 'late_published'
  | 'late_nothing';

/**
 * A review as the cycle's record keeps it, where there is anything to keep: what was proposed, what held it back, who
 * decided what. The vector that was asked for in the end is the record's own.
 */
export interface WeightsReview {
  readonly mode: WeightsMode;
  /** The head at which the vector was looked at. */
  readonly block: Blocks;
  readonly proposed: readonly HotkeyWeight[];
  readonly departed: readonly Hotkey[];
  readonly trips: readonly Trip[];
  readonly decision: DecisionKind;
  readonly by: string | null;
  readonly reason: string | null;
}

/** A vector that waits for an operator, as `ostinato weights show` and the Temporal UI tell it. */
export interface PendingWeights extends Reviewed {
  readonly cycle: number;
  readonly mode: WeightsMode;
  readonly policy: WeightsRules['policy'];
  /** At this block the policy decides. */
  readonly deadline: Blocks;
}

export interface Decision {
  readonly kind: DecisionKind;
  /** What to ask the writer for; empty for nothing. */
  readonly vector: readonly HotkeyWeight[];
  readonly by: string | null;
  readonly reason: string | null;
}

/** Trips after which the vector is no vector: nobody can approve it, only replace it. */
export const isBroken = ({ kind }: Trip): boolean => kind === 'not_a_number' || kind === 'malformed';

/** Whether a reviewed vector has to wait. In the mode `vote` every one does. */
export const needsOperator = (mode: WeightsMode, { trips }: Reviewed): boolean =>
  mode === 'vote' || (mode === 'full' && trips.length > 0);

/** Why a verb cannot be followed, as one sentence; null where it can. */
export function refusalOf(verb: OperatorVerb, { trips }: Reviewed, facts: WeightsFacts): string | null {
  if (verb.by.trim() === '') return 'it does not say who decides';
  if (verb.kind === 'approve') {
    return trips.some(isBroken) ? 'the vector is broken; amend or veto it' : null;
  }
  if (verb.reason.trim() === '') return 'it gives no reason';
  if (verb.kind === 'veto') return null;
  const weights = rescale(verb.weights);
  if (weights.length === 0) return 'the amended vector has no positive weight; a veto publishes nothing';
  const seated = new Set(facts.seats.map(({ hotkey }) => hotkey));
  const stranger = weights.find(({ hotkey }) => !seated.has(hotkey));
  return stranger === undefined ? problemOf(weights) : `${stranger.hotkey} has no uid on the subnet`;
}

/** What follows of an operator's verb, or of the policy where there was none in time. */
export function decide(
  verb: OperatorVerb | null,
  policy: WeightsRules['policy'],
  reviewed: Reviewed,
  facts: WeightsFacts,
): Decision {
  if (verb !== null) return followed(verb, reviewed);
  const nobody = { by: null, reason: null };
  if (policy === 'publish' && !reviewed.trips.some(isBroken)) {
    return { kind: 'late_published', vector: reviewed.vector, ...nobody };
  }
  const lastGood = policy === 'nothing' ? [] : stillSeated(facts.lastGood ?? [], facts.seats);
  return lastGood.length === 0
    ? { kind: 'late_nothing', vector: [], ...nobody }
    : { kind: 'late_last_good', vector: lastGood, ...nobody };
}

function followed(verb: OperatorVerb, { vector }: Reviewed): Decision {
  switch (verb.kind) {
    case 'approve':
      return { kind: 'approved', vector, by: verb.by, reason: null };
    case 'amend':
      return { kind: 'amended', vector: rescale(verb.weights), by: verb.by, reason: verb.reason };
    case 'veto':
      return { kind: 'vetoed', vector: [], by: verb.by, reason: verb.reason };
  }
}

/** A share as text. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A trip as one sentence, with what was found and what is allowed. */
export function tripText(trip: Trip): string {
  switch (trip.kind) {
    case 'not_a_number':
      return `the score of ${trip.hotkeys.join(', ')} is no number that weights could be made of`;
    case 'malformed':
      return trip.problem;
    case 'too_few':
      return `the vector has ${trip.found} entries and the subnet asks for ${trip.least}`;
    case 'uid_changed':
      return `${percent(trip.found)} of the weight belongs to ${trip.hotkeys.length} hotkeys that lost their uid since they were scored; at most ${percent(trip.most)} may`;
    case 'coverage':
      return `${percent(trip.found)} of the assigned miners have a verdict; at least ${percent(trip.least)} must`;
    case 'movement':
      return `${percent(trip.found)} of the weight moves against the last vector; at most ${percent(trip.most)} may`;
    case 'share':
      return `${trip.hotkey} gets ${percent(trip.found)} of the weight; at most ${percent(trip.most)} may go to one miner`;
  }
}
