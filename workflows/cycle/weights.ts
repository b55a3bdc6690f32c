import type { HotkeyWeight } from '../../domain/chain-write.ts';
import type { CycleResult, ScoreRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import type { Roster } from '../../domain/roster.ts';
import { cycleScores, weightVector } from '../../domain/scores.ts';
import { weightsKey } from '../../temporal/ids.ts';
import { type CycleContext, cycleActivities, rangeOf } from './context.ts';

/** The validator's mechanism id: the subnet's first one. */
const mecid = 0;

export interface Weighed {
  readonly scores: readonly ScoreRecord[];
  readonly vector: readonly HotkeyWeight[];
  /** Null where no score is positive, so that there is nothing to set. */
  readonly key: string | null;
}

/**
 * Scores the cycle and asks the writer for the vector. The request has no deadline: a rate limit may hold it beyond
 * this cycle, and the next one's vector then takes its place.
 */
export async function setWeights(
  context: CycleContext,
  roster: Roster,
  submissions: readonly SubmissionRecord[],
  result: CycleResult,
): Promise<Weighed> {
  const { plan, writes } = context;
  const { netuid, hotkey, alpha } = plan;
  const previous = await cycleActivities(context.queues).ledger.previousScores({ netuid, hotkey });
  const scores = cycleScores(result, { previous, neurons: roster.seats, submissions, alpha });
  const vector = weightVector(scores, hotkey);
  if (vector.length === 0) return { scores, vector, key: null };
  const period = rangeOf(context, 'Distribute').start;
  const key = weightsKey(netuid, mecid, period);
  await writes.ask({
    key,
    call: { kind: 'set_weights', netuid, mecid, period, weights: vector, versionKey: plan.weightsVersionKey },
    deadline: null,
  });
  return { scores, vector, key };
}
