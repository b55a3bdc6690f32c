import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';
import { executeChild, ParentClosePolicy } from '@temporalio/workflow';
import type { CycleResult, ModelRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import type { MergeRecord } from '../../domain/merge/record.ts';
import type { MergeOutput } from '../../domain/merge/workflow.ts';
import { byHotkey } from '../../domain/order.ts';
import { improving } from '../../domain/proof-of-loss.ts';
import type { Roster } from '../../domain/roster.ts';
import { mergeId } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { MergeWorkflow } from '../merge.ts';
import { type CycleContext, cycleActivities } from './context.ts';

export interface Merged {
  readonly model: ModelRecord;
  readonly heldOut: { readonly before: number; readonly after: number } | null;
  /** What the cycle's own submissions came to; whether the model moved is in `merge`. */
  readonly result: CycleResult;
  readonly merge: MergeRecord;
}

/**
 * Merges with the other validators, and publishes the new model where a step was taken. A cycle in which no own
 * submission improved the model has nothing to add, and takes the others' step all the same.
 */
export async function mergeModel(
  context: CycleContext,
  roster: Roster,
  submissions: readonly SubmissionRecord[],
  abstained: boolean,
): Promise<Merged> {
  const improved = abstained ? [] : improving(submissions, roster.assigned);
  const accepted = improved
    .flatMap(({ digest, hotkey, group }) => (digest === null ? [] : [{ hotkey, group, digest }]))
    .toSorted(byHotkey);
  const result = abstained
    ? 'abstained'
    : accepted.length > 0
      ? 'completed'
      : submissions.length === 0
        ? 'no_submissions'
        : 'no_improvement';

  const { model, record: merge } = await runMerge(context, accepted);
  if (merge.result !== 'merged') return { model, heldOut: null, result, merge };
  const heldOut = await measure(context, roster, model);
  await cycleActivities(context.queues).device.publishModel.executeWithOptions({ summary: model.hash }, [{ model }]);
  return { model, heldOut, result, merge };
}

async function runMerge(
  { chain, plan }: CycleContext,
  accepted: readonly { readonly hotkey: SubmissionRecord['hotkey']; readonly group: number; readonly digest: string }[],
): Promise<MergeOutput> {
  try {
    return await executeChild(MergeWorkflow, {
      workflowId: mergeId(chain, plan.netuid, plan.hotkey, plan.cycle),
      args: [{ chain, plan, accepted }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `cycle ${plan.cycle} · ${accepted.length} own submissions`,
      typedSearchAttributes: [
        { key: keys.hotkey, value: plan.hotkey },
        { key: keys.netuid, value: String(plan.netuid) },
        { key: keys.cycleNumber, value: plan.cycle },
        { key: keys.role, value: 'validator' },
      ],
    });
  } catch (error) {
    // The cycle's record names the step that failed, whichever workflow it was in.
    throw error instanceof ChildWorkflowFailure && error.cause instanceof ActivityFailure ? error.cause : error;
  }
}

/** Held-out losses before and after the step; null where the cycle has no rows to measure on. */
async function measure(context: CycleContext, { batches }: Roster, model: ModelRecord): Promise<Merged['heldOut']> {
  if (batches.every(({ rows }) => rows.length === 0)) return null;
  const { device } = cycleActivities(context.queues);
  const lossOf = (which: string, judged: ModelRecord) =>
    device.evaluateModel.executeWithOptions({ summary: `${which} ${judged.hash}` }, [{ model: judged, batches }]);
  const before = await lossOf('before', context.plan.model);
  const after = await lossOf('after', model);
  return { before: before.mean, after: after.mean };
}
