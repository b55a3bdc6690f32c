import { ActivityFailure } from '@temporalio/common';
import { continueAsNew, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { MinerIoActivities } from '../activities/miner/activities.ts';
import type { MinerInput, MinerSummary } from '../domain/miner-plan.ts';
import { codeOf, textOf } from '../temporal/failures.ts';
import { queuesOf } from '../temporal/ids.ts';
import { presets } from '../temporal/presets.ts';
import { commitModelHash, commitSignature } from './miner/commits.ts';
import { MinerContext } from './miner/context.ts';
import { distribute } from './miner/distribute.ts';
import { submit } from './miner/submit.ts';
import { train } from './miner/train.ts';
import { BlockClock } from './shared/block-clock.ts';
import { ChainWrites } from './shared/chain-writes.ts';

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

  const summary = await mineOnce(context).catch((error: unknown) => failedCycle(plan.cycle, error));
  context.ended(summary);
  await io.noteCycle.executeWithOptions({ summary: `cycle ${summary.cycle}: ${summary.result}` }, [
    { ...summary, hotkey: input.hotkey },
  ]);

  const cyclesLeft = input.cyclesLeft == null ? null : input.cyclesLeft - 1;
  if (cyclesLeft === null || cyclesLeft > 0) {
    await clock.reach(context.range('ValidatorCommit2').end, 'the cycle ends');
    await continueAsNew<typeof MinerWorkflow>({ ...input, cyclesLeft, next: plan.cycle + 1 });
  }
  return summary;
}

async function mineOnce(context: MinerContext): Promise<MinerSummary> {
  const { cycle } = context.plan;
  const missed = (detail: string): MinerSummary => ({ cycle, result: 'missed', detail });

  const slice = await distribute(context);
  const trained = await train(context, slice);
  if (trained === null) return missed('nothing was trained in Train');
  if (!(await commitSignature(context, trained, slice)))
    return missed('the signature was not on chain in MinerCommit1');
  if (!(await commitModelHash(context, trained, slice))) return missed('the hash was not on chain in MinerCommit2');
  const upload = await submit(context, trained);
  if (upload === null) return missed('the file was not taken within the Submission phase');
  return upload.kind === 'accepted'
    ? { cycle, result: 'submitted', detail: `${upload.bytes} bytes, ${upload.digest}` }
    : { cycle, result: 'refused', detail: `${upload.code}: ${upload.detail}` };
}

/** A step failed for good: this cycle is lost and named, and the next one begins clean. Bugs stay where they are. */
function failedCycle(cycle: number, error: unknown): MinerSummary {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  return { cycle, result: 'missed', detail: `${error.activityType}: ${codeOf(error) ?? 'unknown'}: ${textOf(error)}` };
}
