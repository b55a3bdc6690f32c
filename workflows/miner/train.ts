import type { Slice, TrainedGroup } from '../../activities/miner/activities.ts';
import { untilBlock } from '../shared/until-block.ts';
import type { MinerContext } from './context.ts';

/**
 * Trains until the steps are done or the phase ends. The end is a cancellation, upon which the activity saves and
 * returns what it has; a trainer that was killed goes on from its last checkpoint.
 */
export async function train(context: MinerContext, slice: Slice): Promise<TrainedGroup> {
  await context.enter('Train');
  const { cycle, training, group } = context.plan;
  const summary = `group ${group}, cycle ${cycle}`;
  const trained = await untilBlock(context.clock, context.lastBlockFor('Train'), 'the Train phase ends', () =>
    context.activities.trainer.trainGroup.executeWithOptions({ summary }, [{ cycle, slice, training }]),
  );
  const { steps, lossFirst, lossLast, modelHash } = trained;
  const losses = `${lossFirst.toFixed(4)} → ${lossLast.toFixed(4)}`;
  context.did('Train', `${steps} steps, loss of the batches ${losses}, hash \`${modelHash}\``);
  return trained;
}
