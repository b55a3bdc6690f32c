import { isCancellation } from '@temporalio/workflow';
import type { Slice, TrainedGroup } from '../../activities/miner/activities.ts';
import { untilBlock } from '../shared/until-block.ts';
import type { MinerContext } from './context.ts';

/**
 * Trains until the steps are done or the phase ends. The end is a cancellation, upon which the activity saves and
 * returns what it has; a trainer that was killed goes on from its last checkpoint. Null: the phase was over before the
 * slice came, or it ended before any trainer began.
 */
export async function train(context: MinerContext, slice: Slice): Promise<TrainedGroup | null> {
  if (!(await context.enter('Train'))) return null;
  const { cycle, training, group } = context.plan;
  const summary = `group ${group}, cycle ${cycle}`;
  // Upon the phase's last block, not after it: saving takes a moment, and MinerCommit1 may be a block or two long.
  const { end } = context.range('Train');
  const trained = await untilBlock(context.clock, end, 'the Train phase ends', async () => {
    try {
      return await context.activities.trainer.trainGroup.executeWithOptions({ summary }, [{ cycle, slice, training }]);
    } catch (error) {
      if (isCancellation(error)) return null;
      throw error;
    }
  });
  if (trained === null) return null;
  const { steps, lossFirst, lossLast, modelHash } = trained;
  const losses = `${lossFirst.toFixed(4)} → ${lossLast.toFixed(4)}`;
  context.did('Train', `${steps} steps, loss of the batches ${losses}, hash \`${modelHash}\``);
  return trained;
}
