import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy } from '@temporalio/workflow';
import { validatorOf } from '../../domain/cycle-assignment.ts';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { cycleIndex } from '../../domain/phases.ts';
import type { Roster, RosterEntry } from '../../domain/roster.ts';
import { type CohortInput, type SubmissionOrder, settledOf } from '../../domain/submission.ts';
import type { Hotkey } from '../../domain/units.ts';
import { cohortId, submissionId } from '../../temporal/ids.ts';
import { CohortWorkflow } from '../cohort.ts';
import { untilBlock } from '../shared/until-block.ts';
import { runSubmissions, unjudged } from '../submission/run.ts';
import { type CycleContext, rangeOf } from './context.ts';

/** How many submissions of other validators' miners are fetched and judged at a time. */
const othersAtOnce = 4;

/** Submissions of one cohort: about 300 events of history, as many as the cycle itself has without any. */
const cohortSize = 32;

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
  const own = roster.entries.filter(isFirst).map((entry): SubmissionOrder => ({ entry, source: { kind: 'own' } }));
  const others = roster.entries
    .filter((entry) => !isFirst(entry))
    .map((entry): SubmissionOrder => {
      const validator = validatorOf(roster.assignment, entry.hotkey) ?? plan.hotkey;
      return { entry, source: { kind: 'peer', validator, cycleIndex: cycleIndex(plan.schedule, plan.cycle) } };
    });
  const records = new Map<Hotkey, SubmissionRecord>();
  const take = (record: SubmissionRecord): void => {
    records.set(record.hotkey, record);
  };
  await untilBlock(clock, start, 'Merge begins', async () => {
    const cohorts = [...cohortsOf(context, roster, own, own.length)];
    await Promise.all(cohorts.map((cohort, at) => judge(context, cohort, `own-${at}`, take, cohorts.length)));
    // One after the other, so that no more than a few are fetched at a time.
    const later = [...cohortsOf(context, roster, others, othersAtOnce)];
    for (const [at, cohort] of later.entries()) await judge(context, cohort, `others-${at}`, take, later.length);
  });
  return roster.entries.flatMap(({ hotkey }) => records.get(hotkey) ?? []);
}

function* cohortsOf(
  context: CycleContext,
  { batches, seed }: Roster,
  orders: readonly SubmissionOrder[],
  lanes: number,
): Generator<CohortInput> {
  const { plan, chain } = context;
  const { start, end } = rangeOf(context, 'Submission');
  const { netuid, hotkey: validator, cycle, blockTimeMs, model } = plan;
  const terms = {
    chain,
    netuid,
    validator,
    cycle,
    window: { start, end },
    blockTimeMs,
    model,
    cycleIndex: cycleIndex(plan.schedule, cycle),
  };
  for (let from = 0; from < orders.length; from += cohortSize) {
    const part = orders.slice(from, from + cohortSize);
    const groups = new Set(part.map(({ entry }) => entry.group));
    yield {
      terms: { ...terms, seed: seed?.combined ?? '' },
      batches: batches.filter(({ group }) => groups.has(group)),
      orders: part,
      lanes,
    };
  }
}

/** A single cohort needs no workflow of its own: its submissions are the cycle's children. */
async function judge(
  context: CycleContext,
  cohort: CohortInput,
  name: string,
  take: (record: SubmissionRecord) => void,
  cohorts: number,
): Promise<void> {
  if (cohorts === 1) {
    await runSubmissions(cohort, (record) => {
      take(record);
      context.view.settled([settledOf(record)]);
    });
    return;
  }
  const records = await judgeCohort(cohort, name);
  for (const record of records) take(record);
  context.view.settled(records.map(settledOf));
}

async function judgeCohort(cohort: CohortInput, name: string): Promise<readonly SubmissionRecord[]> {
  const { chain, netuid, validator, cycle } = cohort.terms;
  try {
    return await executeChild(CohortWorkflow, {
      workflowId: cohortId(chain, netuid, validator, cycle, name),
      args: [cohort],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: `${cohort.orders.length} submissions of cycle ${cycle}`,
    });
  } catch (error) {
    return cohort.orders.map((order) =>
      unjudged(order, submissionId(chain, netuid, validator, cycle, order.entry.hotkey), error),
    );
  }
}
