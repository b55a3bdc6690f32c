import { ChildWorkflowCancellationType, executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import { validatorOf } from '../../domain/cycle-assignment.ts';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { cycleIndex } from '../../domain/phases.ts';
import { elsewhereReasons } from '../../domain/proof-of-loss.ts';
import type { Roster, RosterEntry } from '../../domain/roster.ts';
import { emptySubmission, type SubmissionSource } from '../../domain/submission.ts';
import type { Hotkey } from '../../domain/units.ts';
import { submissionId } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { inLanes } from '../shared/lanes.ts';
import { untilBlock } from '../shared/until-block.ts';
import { SubmissionWorkflow } from '../submission.ts';
import { type CycleContext, rangeOf } from './context.ts';

/** How many submissions of other validators' miners are fetched and judged at a time. */
const othersAtOnce = 4;

/**
 * Starts a SubmissionWorkflow for every miner of the roster and waits until all are settled or Merge begins. What is
 * not settled by then is cancelled, and no miner's fault: a slow validator is no reason for a miner's zero.
 *
 * The validator's own miners come first, for nobody else gets their files; the others follow as time allows, from the
 * validators that they are assigned to. Whoever failed by its commitments alone needs no file and is told so at once.
 */
export async function collectSubmissions(context: CycleContext, roster: Roster): Promise<readonly SubmissionRecord[]> {
  const { plan, clock } = context;
  const { start } = rangeOf(context, 'Merge');
  const mine = new Set(roster.assigned);
  const isFirst = ({ hotkey, fault }: RosterEntry): boolean => fault !== null || mine.has(hotkey);
  const records = new Map<Hotkey, SubmissionRecord>();
  const run = async (entry: RosterEntry, source: SubmissionSource): Promise<void> => {
    records.set(entry.hotkey, await submission(context, roster, entry, source));
  };
  await untilBlock(clock, start, 'Merge begins', async () => {
    await Promise.all(roster.entries.filter(isFirst).map((entry) => run(entry, { kind: 'own' })));
    const others = roster.entries.filter((entry) => !isFirst(entry));
    await inLanes(othersAtOnce, others, (entry) => {
      const validator = validatorOf(roster.assignment, entry.hotkey) ?? plan.hotkey;
      return run(entry, { kind: 'peer', validator, cycleIndex: cycleIndex(plan.schedule, plan.cycle) });
    });
  });
  return roster.entries.flatMap(({ hotkey }) => records.get(hotkey) ?? []);
}

async function submission(
  context: CycleContext,
  roster: Roster,
  entry: RosterEntry,
  source: SubmissionSource,
): Promise<SubmissionRecord> {
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
          source,
          window: { start: window.start, end: window.end },
          blockTimeMs: plan.blockTimeMs,
          model: plan.model,
          batch,
          seed: roster.seed?.combined ?? '',
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
    const empty = emptySubmission(entry, workflowId);
    if (!isCancellation(error))
      return { ...empty, outcome: 'our_fault', reason: 'workflow_failed', detail: String(error) };
    const detail = 'not judged before Merge began';
    return source.kind === 'own'
      ? { ...empty, outcome: 'our_fault', reason: 'deadline', detail }
      : { ...empty, reason: elsewhereReasons.noTime, detail };
  }
}
