import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { CycleActivities } from '../activities/cycle/activities.ts';
import { observedSubmissions } from '../domain/agreement/observe.ts';
import type { CycleInput, CyclePlan, CycleSummary } from '../domain/cycle-plan.ts';
import type { CycleRecord } from '../domain/cycle-record.ts';
import { abstains, countedSubmissions } from '../domain/proof-of-loss.ts';
import { unreadRoster } from '../domain/roster.ts';
import { blocks } from '../domain/units.ts';
import { codeOf, textOf } from '../temporal/failures.ts';
import { commitmentKey, type Queues, queuesOf } from '../temporal/ids.ts';
import { presets } from '../temporal/presets.ts';
import { agreeOnScores } from './cycle/agreement.ts';
import { Approval } from './cycle/approval.ts';
import { type CycleContext, cycleActivities, enter, rangeOf } from './cycle/context.ts';
import { mergeModel } from './cycle/merge.ts';
import { submissionsSettled } from './cycle/messages.ts';
import { missedCycle } from './cycle/missed.ts';
import { commitModel } from './cycle/model-commit.ts';
import { commitSeed } from './cycle/seed.ts';
import { signRoot } from './cycle/sign-root.ts';
import { collectSubmissions } from './cycle/submissions.ts';
import { settleModel, verifyBase } from './cycle/sync.ts';
import { CycleView } from './cycle/view.ts';
import { publishWeights, resendStale, scoreCycle } from './cycle/weights.ts';
import { BlockClock } from './shared/block-clock.ts';
import { ChainWrites } from './shared/chain-writes.ts';

/** Peers that were away come back within a few blocks, or after hours. */
const blocksBetweenAttempts = 2;

/**
 * The validator of one hotkey, one cycle a run, for ever: commit a seed, freeze the roster, collect and judge the
 * submissions, merge, weigh, commit the model, close the books.
 *
 * Every step is recorded before the next one begins, so that whatever dies in between goes on at that very step.
 */
export async function CycleWorkflow(input: CycleInput): Promise<CycleSummary> {
  const queues = queuesOf('validator', input.hotkey);
  const writes = new ChainWrites({ chain: input.chain, hotkey: input.hotkey, queues });
  const approval = new Approval();
  const plan = await beginCycle(queues, input.next ?? null);
  const clock = new BlockClock(queues.chain, plan.blockTimeMs);
  const notes: CycleContext['notes'] = plan.scheduleNotes.map((note) => ({ phase: 'Distribute', note }));
  const context: CycleContext = {
    chain: input.chain,
    plan,
    queues,
    clock,
    writes,
    view: new CycleView(input.chain, plan, notes),
    notes,
  };
  setHandler(submissionsSettled, (settled) => context.view.settled(settled));
  await recordMissed(context);

  const record = await work(context, approval, input).catch((error: unknown) => unfinished(context, input, error));
  const { merkleRoot } = await finish(context, record);
  context.view.finished(record, merkleRoot);
  await signRoot(context, record, merkleRoot);

  const cyclesLeft = input.cyclesLeft == null ? null : input.cyclesLeft - 1;
  if (cyclesLeft === null || cyclesLeft > 0) {
    // An operator's word that comes in the last moment is refused or taken, never lost between two runs.
    await condition(allHandlersFinished);
    await continueAsNew<typeof CycleWorkflow>({
      ...input,
      cyclesLeft,
      next: plan.cycle + 1,
      iteration: (input.iteration ?? 0) + 1,
    });
  }
  return {
    cycle: plan.cycle,
    result: record.result,
    submissions: record.submissions.length,
    improved: record.submissions.filter(({ w }) => w !== null && w > 0).length,
    modelHash: record.modelAfter.hash,
    merkleRoot,
  };
}

/**
 * The cycle to work on, from a base that the validators' majority has committed. One that is started late, or has lost
 * its model, gets it so; while it cannot be had, no cycle begins.
 */
async function beginCycle(queues: Queues, next: number | null): Promise<CyclePlan> {
  const planner = proxyActivities<CycleActivities>({ ...presets.plan, taskQueue: queues.ledger });
  const summary = next === null ? 'the cycle at hand' : `cycle ${next}`;
  for (;;) {
    const plan = await planner.planCycle.executeWithOptions({ summary }, [{ next }]);
    const base = await verifyBase(plan);
    if (base.kind === 'stands') return plan;
    if (base.kind === 'resynced') return { ...plan, model: base.model };
    log.warn(`No cycle begins: the majority's model ${base.hash} is not to be had (${base.detail})`, {
      event: 'base_unverified',
      hash: base.hash,
      detail: base.detail,
    });
    await sleep(plan.blockTimeMs * blocksBetweenAttempts, { summary: 'the majority’s model once more' });
  }
}

/** The cycle itself, phase by phase. */
async function work(context: CycleContext, approval: Approval, input: CycleInput): Promise<CycleRecord> {
  const { plan, clock, queues } = context;
  const { reads } = cycleActivities(queues);
  await enter(context, 'Distribute');
  await enter(context, 'Train');
  await commitSeed(context, input.iteration ?? 0);

  await enter(context, 'MinerCommit2');
  await clock.reach(rangeOf(context, 'Submission').start, 'all commitments are in');
  const frozen = await reads.freezeRoster.executeWithOptions({ summary: `commitments of cycle ${plan.cycle}` }, [
    { plan },
  ]);
  const roster = frozen.kind === 'ok' ? frozen.value : unreadRoster(frozen.seats);
  if (frozen.kind === 'unknown') {
    context.notes.push({ phase: 'MinerCommit2', note: `unknown (${frozen.reason}): ${frozen.detail}` });
  }
  context.view.froze(roster);

  await enter(context, 'Submission');
  const began = clock.timeMs();
  const collected = countedSubmissions(await collectSubmissions(context, roster));
  context.view.judged(collected, clock.timeMs() - began);
  const abstention = abstains(collected);
  if (abstention !== null) {
    const note = `abstained: ${abstention.failed} of ${abstention.of} failed alike (${abstention.reason})`;
    context.notes.push({ phase: 'Validate', note });
  }

  await enter(context, 'Merge');
  // Without a roster there is no verdict on anybody: scores and model stay, and so do the weights.
  const abstained = abstention !== null || frozen.kind === 'unknown';
  // Both go by the verdicts alone, and in a short Merge there is no time for one after the other.
  const [merged, agreement] = await Promise.all([
    mergeModel(context, roster, collected, abstained),
    agreeOnScores(context, collected, abstained),
  ]);
  const scored = await scoreCycle(context, roster, observedSubmissions(collected, agreement), merged.result);
  context.view.scored(scored);
  const [weighed] = await Promise.all([
    publishWeights(context, approval, roster, collected, scored).then((each) => context.view.weighed(each)),
    // The model does not wait for whoever has to look at the weights.
    commitModel(context, merged.model),
  ]);

  const end = await closeBooks(context);
  const merge = await settleModel(context, merged.merge, merged.model);
  return {
    ...missedCycle(plan, plan.cycle, identity(input)),
    endBlock: end,
    result: merged.result,
    seed: roster.seed,
    ...(roster.seed === null ? {} : { assignment: roster.assignment }),
    batches: roster.batches,
    submissions: collected,
    scores: weighed.scores,
    scoreRule: plan.scoreRule,
    peerWeights: roster.peerWeights,
    vector: weighed.asked,
    weightsKey: weighed.key,
    ...(weighed.review === null ? {} : { review: weighed.review }),
    modelAfter: merged.model,
    ...(agreement === null ? {} : { agreement: { ...agreement, tables: [] } }),
    heldOut: merged.heldOut,
    merge,
    notes: context.notes,
  };
}

/**
 * A step failed for good: scores and model stay as they are, the record says why, and the next cycle begins clean. A
 * validator that stood still instead would be the one long loop that Ostinato replaces. Bugs are no such failure; they
 * keep the cycle where it is until they are mended.
 */
async function unfinished(context: CycleContext, input: CycleInput, error: unknown): Promise<CycleRecord> {
  const note = failureNote(error);
  if (note === null) throw error;
  const { plan, clock, notes } = context;
  const record = missedCycle(plan, plan.cycle, identity(input));
  await resendStale(context);
  await clock.reach(record.endBlock, 'the cycle ends');
  return { ...record, notes: [...notes, { phase: context.view.phase, note }] };
}

/** Says which step failed; null for what is no step's failure. */
function failureNote(error: unknown): string | null {
  if (CancellationScope.current().consideredCancelled) return null;
  // Somebody has ended the merge by hand: that is about one cycle's model, and not about all cycles to come.
  if (error instanceof ChildWorkflowFailure)
    return `failed: ${error.workflowType}: ${isCancellation(error) ? 'it was cancelled' : textOf(error.cause)}`;
  if (isCancellation(error) || !(error instanceof ActivityFailure)) return null;
  return `failed: ${error.activityType}: ${codeOf(error) ?? 'unknown'}: ${textOf(error)}`;
}

const identity = (input: CycleInput): Pick<CycleRecord, 'chain' | 'workflowId' | 'runId'> => {
  const { workflowId, runId } = workflowInfo();
  return { chain: input.chain, workflowId, runId };
};

const finish = ({ queues }: CycleContext, record: CycleRecord): Promise<{ readonly merkleRoot: string }> => {
  const summary = `cycle ${record.cycle}: ${record.result}`;
  return cycleActivities(queues).ledger.finishCycle.executeWithOptions({ summary }, [{ record }]);
};

/** Cycles in which nobody was at work become records of their own, so that a gap in the ledger is never a riddle. */
async function recordMissed(context: CycleContext): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  for (const cycle of context.plan.skipped) {
    const record = missedCycle(context.plan, cycle, { chain: context.chain, workflowId, runId });
    context.view.finished(record, (await finish(context, record)).merkleRoot);
  }
  // Whoever was away for cycles may have been for long enough; the cycle at hand has its vector only at its end.
  if (context.plan.skipped.length > 0) await resendStale(context);
}

/**
 * Waits until the commitments that this cycle asked for are settled, one way or the other. Their deadlines end with
 * the cycle, so this does not outlast it by more than the writer's confirmation.
 */
async function closeBooks(context: CycleContext): Promise<CyclePlan['head']> {
  const { plan, writes, clock } = context;
  for (const phase of ['MinerCommit1', 'ValidatorCommit1', 'ValidatorCommit2'] as const) {
    const key = commitmentKey(plan.netuid, plan.cycle, phase);
    if (!writes.asked(key)) continue;
    const outcome = await writes.settled(key);
    if (outcome.kind === 'included' || outcome.kind === 'already' || outcome.kind === 'withheld') continue;
    context.notes.push({ phase, note: `commitment ${outcome.kind}` });
  }
  const end = blocks(rangeOf(context, 'ValidatorCommit2').end);
  await clock.reach(end, 'the cycle ends');
  return end;
}
