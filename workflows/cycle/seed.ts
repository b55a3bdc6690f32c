import { log } from '@temporalio/workflow';
import { heartbeatCommit } from '../../domain/commit-payload.ts';
import { commitmentKey } from '../../temporal/ids.ts';
import { askWriter } from './ask.ts';
import { type CycleContext, cycleActivities, enter, lastBlockFor } from './context.ts';

/**
 * Commits this validator's seed in MinerCommit1, when the miners' signatures are on their way and nobody can choose
 * a submission by it any more. Too late is noted: the combined seed then comes from the others, or from a block hash,
 * and the others judge this validator's share.
 */
export async function commitSeed(context: CycleContext, iteration: number): Promise<void> {
  const { plan } = context;
  // The process says it of the first one as it starts, so that whoever starts it sees that all is well.
  if (iteration > 0) {
    log.info(`(${iteration}) Commit new seed for next validation`, {
      event: 'seed_drawn',
      cycle: plan.cycle,
      iteration,
    });
  }
  const seed = await cycleActivities(context.queues).ledger.drawSeed.executeWithOptions(
    { summary: `this validator's seed of cycle ${plan.cycle}` },
    [{ fixed: plan.fixedSeed }],
  );
  if ((await enter(context, 'MinerCommit1')) === 'missed') return;
  await askWriter(context, {
    key: commitmentKey(plan.netuid, plan.cycle, 'MinerCommit1'),
    call: {
      kind: 'set_commitment',
      netuid: plan.netuid,
      text: heartbeatCommit({ modelHash: plan.model.hash, version: plan.model.version, group: plan.expertGroup, seed }),
    },
    deadline: lastBlockFor(context, 'MinerCommit1'),
  });
}
