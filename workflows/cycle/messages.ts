import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { SettledSubmission } from '../../domain/submission.ts';
import type { DecisionKind, OperatorVerb, PendingWeights } from '../../domain/weights-review.ts';

/** A cohort's submissions that are settled. Only for the cycle's page: the cohort's result is what counts. */
export const submissionsSettled = defineSignal<[readonly SettledSubmission[]]>('submissionsSettled');

/** The vector that waits for an operator; null while none does. */
export const pendingWeights = defineQuery<PendingWeights | null>('pendingWeights');

/**
 * Operator: decides on the vector that waits in this cycle. Answers what became of it. Refused with
 * OST_WEIGHTS_NOTHING_PENDING where none waits, and with OST_WEIGHTS_DECISION where the verb cannot be followed.
 */
export const decideWeights = defineUpdate<DecisionKind, [{ readonly cycle: number; readonly verb: OperatorVerb }]>(
  'decideWeights',
);
