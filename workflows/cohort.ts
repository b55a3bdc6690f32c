import { workflowInfo } from '@temporalio/workflow';
import type { SubmissionRecord } from '../domain/cycle-record.ts';
import type { CohortInput } from '../domain/submission.ts';
import { Progress } from './cohort/progress.ts';
import { runSubmissions } from './submission/run.ts';

/**
 * A part of a large cycle's submissions: with hundreds of miners the cycle's own history would be too long to replay
 * quickly. It ends with a record of each, also where it is asked to stop.
 */
export async function CohortWorkflow(input: CohortInput): Promise<readonly SubmissionRecord[]> {
  const progress = new Progress(workflowInfo().parent?.workflowId ?? null);
  const records = await runSubmissions(input, (record) => progress.settled(record));
  await progress.sent();
  return records;
}
