import { ChildWorkflowCancellationType, executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { elsewhereReasons } from '../../domain/proof-of-loss.ts';
import type { Roster, RosterEntry } from '../../domain/roster.ts';
import { emptySubmission } from '../../domain/submission.ts';
import { submissionId } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { untilBlock } from '../shared/until-block.ts';
import { SubmissionWorkflow } from '../submission.ts';
import { type CycleContext, rangeOf } from './context.ts';

/**
 * Starts a SubmissionWorkflow for every miner of the roster and waits until all are settled or Merge begins. What is
 * not settled by then is cancelled and ours: a slow validator is no reason for a miner's zero.
 */
export async function collectSubmissions(context: CycleContext, roster: Roster): Promise<readonly SubmissionRecord[]> {
  const { start } = rangeOf(context, 'Merge');
  return untilBlock(context.clock, start, 'Merge begins', () =>
    Promise.all(
      roster.entries.map((entry) =>
        roster.assigned.includes(entry.hotkey) ? submission(context, roster, entry) : elsewhere(context, entry),
      ),
    ),
  );
}

/** Another validator judges this miner; here its score stays as it is. */
const elsewhere = async ({ chain, plan }: CycleContext, entry: RosterEntry): Promise<SubmissionRecord> => ({
  ...emptySubmission(entry, submissionId(chain, plan.netuid, plan.hotkey, plan.cycle, entry.hotkey)),
  reason: elsewhereReasons.absent,
  detail: 'the combined seed gave it to another validator',
});

async function submission(context: CycleContext, roster: Roster, entry: RosterEntry): Promise<SubmissionRecord> {
  const { plan, chain } = context;
  const workflowId = submissionId(chain, plan.netuid, plan.hotkey, plan.cycle, entry.hotkey);
  const window = rangeOf(context, 'Submission');
  const batch = roster.batches.find(({ group }) => group === entry.group) ?? {
    group: entry.group,
    rows: [],
    batchSize: 1,
  };
  try {
    const settled = await executeChild(SubmissionWorkflow, {
      workflowId,
      args: [
        {
          chain,
          netuid: plan.netuid,
          validator: plan.hotkey,
          cycle: plan.cycle,
          entry,
          source: { kind: 'own' },
          window: { start: window.start, end: window.end },
          blockTimeMs: plan.blockTimeMs,
          model: plan.model,
          batch,
        },
      ],
      // A child that is asked to stop still writes down what it has.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: `uid ${entry.uid} · group ${entry.group < 0 ? 'unknown' : entry.group} · cycle ${plan.cycle} · ${entry.hotkey}`,
      typedSearchAttributes: [
        { key: keys.hotkey, value: entry.hotkey },
        { key: keys.validator, value: plan.hotkey },
        { key: keys.netuid, value: String(plan.netuid) },
        { key: keys.cycleNumber, value: plan.cycle },
        { key: keys.role, value: 'validator' },
        { key: keys.expertGroup, value: entry.group },
      ],
    });
    context.view.settled(settled);
    return settled;
  } catch (error) {
    const late = isCancellation(error);
    return {
      ...emptySubmission(entry, workflowId),
      outcome: 'our_fault',
      reason: late ? 'deadline' : 'workflow_failed',
      detail: late ? 'not judged before Merge began' : String(error),
    };
  }
}
