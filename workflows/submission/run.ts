import { ChildWorkflowCancellationType, executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { elsewhereReasons } from '../../domain/proof-of-loss.ts';
import { type CohortInput, emptySubmission, type SubmissionOrder } from '../../domain/submission.ts';
import { submissionId } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { inLanes } from '../shared/lanes.ts';
import { SubmissionWorkflow } from '../submission.ts';

/** Has submissions judged, `lanes` at a time in the order given, and tells of each as it settles. Never throws. */
export async function runSubmissions(
  { orders, lanes, ...common }: CohortInput,
  settled: (record: SubmissionRecord) => void,
): Promise<readonly SubmissionRecord[]> {
  const records: SubmissionRecord[] = [];
  await inLanes(lanes, orders, async (order) => {
    const record = await runSubmission(common, order);
    records.push(record);
    settled(record);
  });
  return records;
}

async function runSubmission(
  { terms, batches }: Pick<CohortInput, 'terms' | 'batches'>,
  order: SubmissionOrder,
): Promise<SubmissionRecord> {
  const { entry, source } = order;
  const { chain, netuid, validator, cycle } = terms;
  const workflowId = submissionId(chain, netuid, validator, cycle, entry.hotkey);
  const { group } = entry;
  const batch = batches.find((each) => each.group === group) ?? { group, rows: [], batchSize: 1 };
  try {
    return await executeChild(SubmissionWorkflow, {
      workflowId,
      args: [{ ...terms, entry, source, batch }],
      // A child that is asked to stop still writes down what it has.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: `uid ${entry.uid} · group ${group < 0 ? 'unknown' : group} · cycle ${cycle} · ${entry.hotkey}`,
      typedSearchAttributes: [
        { key: keys.hotkey, value: entry.hotkey },
        { key: keys.validator, value: validator },
        { key: keys.netuid, value: String(netuid) },
        { key: keys.cycleNumber, value: cycle },
        { key: keys.role, value: 'validator' },
        { key: keys.expertGroup, value: group },
      ],
    });
  } catch (error) {
    return unjudged(order, workflowId, error);
  }
}

/** The record of a submission whose workflow gave none: cut off by the cycle's end, or failed. */
export function unjudged({ entry, source }: SubmissionOrder, workflowId: string, error: unknown): SubmissionRecord {
  const empty = emptySubmission(entry, workflowId);
  if (!isCancellation(error)) {
    return { ...empty, outcome: 'our_fault', reason: 'workflow_failed', detail: String(error) };
  }
  const detail = 'not judged before Merge began';
  return source.kind === 'own'
    ? { ...empty, outcome: 'our_fault', reason: 'deadline', detail }
    : { ...empty, reason: elsewhereReasons.noTime, detail };
}
