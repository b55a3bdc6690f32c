import type { HotkeyWeight } from '../../domain/chain-write.ts';
import type { CycleResult, ScoreRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import { type Reviewed, reviewVector, stillSeated, type WeightsFacts } from '../../domain/guardrails.ts';
import type { Roster } from '../../domain/roster.ts';
import { scoresBy, vectorBy } from '../../domain/scoring/strategy.ts';
import { blocks } from '../../domain/units.ts';
import { type Decision, needsOperator, type WeightsReview } from '../../domain/weights-review.ts';
import { signs } from '../../domain/weights-rules.ts';
import { resendKey, weightsKey } from '../../temporal/ids.ts';
import type { Approval } from './approval.ts';
import { askWriter } from './ask.ts';
import { type CycleContext, cycleActivities, rangeOf } from './context.ts';

/** What a cycle's submissions come to, before anybody has looked at it. */
export interface Scored {
  readonly scores: readonly ScoreRecord[];
  readonly vector: readonly HotkeyWeight[];
}

export interface Weighed extends Scored {
  /** What was asked of the writer; `vector` of the scores, unless somebody or something changed it. */
  readonly asked: readonly HotkeyWeight[];
  /** Null where nothing is set. */
  readonly key: string | null;
  readonly review: WeightsReview | null;
}

/** Scores the cycle. */
export async function scoreCycle(
  context: CycleContext,
  roster: Roster,
  submissions: readonly SubmissionRecord[],
  result: CycleResult,
): Promise<Scored> {
  const { netuid, hotkey, scoreRule: rule } = context.plan;
  const before = rangeOf(context, 'Distribute').start;
  const state = await cycleActivities(context.queues).ledger.scoreState({ netuid, hotkey, rule, before });
  const { seats: neurons, seed, peerWeights } = roster;
  const input = { result, neurons, submissions, self: hotkey, seed, peerWeights, state };
  const scores = scoresBy(rule, input);
  return { scores, vector: vectorBy(rule, input, scores) };
}

/**
 * Looks at the vector as the last one before it is signed, lets an operator decide where something holds it back, and
 * asks the writer for what comes of it. The request has no deadline: a rate limit may hold it beyond this cycle, and
 * the next one's vector then takes its place.
 */
export async function publishWeights(
  context: CycleContext,
  approval: Approval,
  roster: Roster,
  submissions: readonly SubmissionRecord[],
  scored: Scored,
): Promise<Weighed> {
  const { plan } = context;
  const { mecid, mode, limits } = plan.weights;
  if (scored.scores.every(({ after }) => after === 0)) {
    await resendStale(context);
    return { ...scored, asked: [], key: null, review: null };
  }
  const facts = await cycleActivities(context.queues).reads.readWeightsFacts({
    netuid: plan.netuid,
    hotkey: plan.hotkey,
    mecid,
  });
  const reviewed = reviewVector({ ...scored, submissions, assigned: roster.assigned, facts, limits });
  const decision = needsOperator(mode, reviewed)
    ? await approval.decision(context, { pending: pendingOf(context, reviewed), facts })
    : passed(context, reviewed);
  const review = reviewOf(context, scored, reviewed, decision, facts);
  if (decision.vector.length === 0) {
    // Who vetoed a vector wants nothing to be published, not something older.
    if (decision.kind !== 'vetoed') await resendStale(context);
    return { ...scored, asked: [], key: null, review };
  }
  const period = rangeOf(context, 'Distribute').start;
  const key = weightsKey(plan.netuid, mecid, period);
  await askWriter(context, {
    key,
    call: {
      kind: 'set_weights',
      netuid: plan.netuid,
      mecid,
      period,
      weights: decision.vector,
      versionKey: plan.weightsVersionKey,
    },
    deadline: null,
  });
  return { ...scored, asked: decision.vector, key, review };
}

/**
 * Sends the last good vector once more where the hotkey's update has grown old and the cycle has none of its own: a
 * hotkey without updates counts as inactive. Its period is of a kind of its own, so that it never stands in the way of
 * a cycle's vector; asking twice within a tempo is asking once.
 */
export async function resendStale(context: CycleContext): Promise<void> {
  const { plan, queues, notes, view } = context;
  const { netuid, hotkey, weightsVersionKey: versionKey } = plan;
  const { mecid, resendAfterBlocks } = plan.weights;
  if (resendAfterBlocks === null) return;
  const facts = await cycleActivities(queues).reads.readWeightsFacts({ netuid, hotkey, mecid });
  const { block, lastUpdate, lastGood, seats, tempoStart: period } = facts;
  const weights = stillSeated(lastGood ?? [], seats);
  if (block - lastUpdate < resendAfterBlocks || weights.length === 0) return;
  notes.push({ phase: view.phase, note: `resent the last good vector: the last update was at block ${lastUpdate}` });
  await askWriter(context, {
    key: resendKey(netuid, mecid, period),
    call: { kind: 'set_weights', netuid, mecid, period, resend: true, weights, versionKey },
    deadline: null,
  });
}

const passed = ({ plan }: CycleContext, { vector }: Reviewed): Decision => ({
  kind: signs(plan.weights.mode) ? 'passed' : 'withheld',
  vector,
  by: null,
  reason: null,
});

/** An operator has until the last block of the cycle: the next one brings a vector of its own. */
const pendingOf = (context: CycleContext, reviewed: Reviewed) => ({
  ...reviewed,
  cycle: context.plan.cycle,
  mode: context.plan.weights.mode,
  policy: context.plan.weights.policy,
  deadline: blocks(rangeOf(context, 'ValidatorCommit2').end),
});

/** Null where the vector went out as the scores gave it, which is nothing to keep. */
function reviewOf(
  { plan }: CycleContext,
  { vector }: Scored,
  { departed, trips }: Reviewed,
  { kind, by, reason }: Decision,
  { block }: WeightsFacts,
): WeightsReview | null {
  if (kind === 'passed' && departed.length === 0) return null;
  return { mode: plan.weights.mode, block, proposed: vector, departed, trips, decision: kind, by, reason };
}
