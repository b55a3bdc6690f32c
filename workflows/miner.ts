import { ActivityFailure } from '@temporalio/common';
import { continueAsNew, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { MinerIoActivities } from '../activities/miner/activities.ts';
import { type MinerInput, type MinerSummary, missedBecause, type Submitted } from '../domain/miner-plan.ts';
import { cycleIndex } from '../domain/phases.ts';
import { type Blocks, blocks } from '../domain/units.ts';
import { codeOf, textOf } from '../temporal/failures.ts';
import { queuesOf } from '../temporal/ids.ts';
import { presets } from '../temporal/presets.ts';
import { commitModelHash, commitSignature } from './miner/commits.ts';
import { MinerContext } from './miner/context.ts';
import { distribute } from './miner/distribute.ts';
import { submit } from './miner/submit.ts';
import { train } from './miner/train.ts';
import { learnVerdict } from './miner/verdict.ts';
import { BlockClock } from './shared/block-clock.ts';
import { ChainWrites } from './shared/chain-writes.ts';

/** How long the last run of all waits for its verdict. */
const lastVerdictBlocks = 10;

/**
 * A miner of one hotkey, one cycle a run: fetch the group's slice, train it, commit its hash in two halves, submit
 * the file. A phase that is over ends the cycle with `missed` and says so; the next cycle begins clean.
 */
export async function MinerWorkflow(input: MinerInput): Promise<MinerSummary> {
  const queues = queuesOf('miner', input.hotkey);
  const writes = new ChainWrites({ chain: input.chain, hotkey: input.hotkey, queues });
  const io = proxyActivities<MinerIoActivities>({ ...presets.plan, taskQueue: queues.transfer });
  const next = input.next ?? null;
  const about = next === null ? 'the cycle at hand' : `cycle ${next}`;
  const plan = await io.planMiner.executeWithOptions({ summary: about }, [{ next }]);
  const clock = new BlockClock(queues.chain, plan.blockTimeMs);
  const context = new MinerContext(input, plan, queues, clock, writes);

  // Beside this cycle's work: a validator may close its books late, and the download must not wait for that.
  const learning = learn(context, input.submitted ?? null, context.range('MinerCommit1').start);
  const ended = await mineOnce(context).catch((error: unknown) => failedCycle(plan.cycle, error));
  const { submitted, committed, ...summary } = ended;
  await learning;
  context.ended(summary);
  await io.noteCycle.executeWithOptions({ summary: `cycle ${summary.cycle}: ${summary.result}` }, [
    { ...summary, hotkey: input.hotkey, committed },
  ]);

  const cyclesLeft = input.cyclesLeft == null ? null : input.cyclesLeft - 1;
  if (cyclesLeft === null || cyclesLeft > 0) {
    await clock.reach(context.range('ValidatorCommit2').end, 'the cycle ends');
    await continueAsNew<typeof MinerWorkflow>({ ...input, cyclesLeft, next: plan.cycle + 1, submitted });
  }
  if (submitted !== null) {
    const { end } = context.range('ValidatorCommit2');
    await clock.reach(end, 'the cycle ends');
    await learn(context, submitted, blocks(end + lastVerdictBlocks));
  }
  return summary;
}

/** How a cycle ended, and what of it is still to come. */
interface Ended extends MinerSummary {
  readonly submitted: Submitted | null;
  /** SHA-256 of the file whose hash is on chain; null where none was committed. */
  readonly committed: string | null;
}

async function mineOnce(context: MinerContext): Promise<Ended> {
  const { cycle, group, schedule } = context.plan;
  const missed = (why: keyof typeof missedBecause, committed: string | null = null): Ended => ({
    cycle,
    result: 'missed',
    detail: missedBecause[why],
    submitted: null,
    committed,
  });

  await context.enter('Distribute');
  const result = await train(context, await distribute(context));
  if (result === null) return missed('untrained');
  const { trained, slice } = result;
  if (context.plan.location !== null) {
    await context.activities.io.publishArtifact.executeWithOptions({ summary: `group ${group}` }, [{ group, trained }]);
  }
  if (!(await commitSignature(context, trained, slice))) return missed('unsigned');
  if (!(await commitModelHash(context, trained, slice))) return missed('uncommitted');
  const { digest: committed } = trained.ref;
  const upload = await submit(context, trained);
  if (upload === null) return missed('untaken', committed);
  const { outcome, validator } = upload;
  return outcome.kind === 'accepted'
    ? {
        cycle,
        result: 'submitted',
        detail: `${outcome.bytes} bytes, ${outcome.digest}`,
        submitted: { cycle, cycleIndex: cycleIndex(schedule, cycle), group, validator },
        committed,
      }
    : { cycle, result: 'refused', detail: `${outcome.code}: ${outcome.detail}`, submitted: null, committed };
}

async function learn(context: MinerContext, submitted: Submitted | null, until: Blocks): Promise<void> {
  if (submitted !== null) await learnVerdict(context.activities.verdicts, context.clock, submitted, until);
}

/** A step failed for good: this cycle is lost and named, and the next one begins clean. Bugs stay where they are. */
function failedCycle(cycle: number, error: unknown): Ended {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  const detail = `${error.activityType}: ${codeOf(error) ?? 'unknown'}: ${textOf(error)}`;
  return { cycle, result: 'missed', detail, submitted: null, committed: null };
}
