import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { TrainedGroup } from '../../activities/miner/activities.ts';
import { untilBlock } from '../shared/until-block.ts';
import type { MinerContext } from './context.ts';
import { type Base, distribute } from './distribute.ts';

/** A trained group with the slice that it was trained from. */
export interface Trained extends Base {
  readonly trained: TrainedGroup;
}

/**
 * Trains until the steps are done or the phase ends. The end is a cancellation, upon which the activity saves and
 * returns what it has; a trainer that was killed goes on from its last checkpoint. A validator that publishes another
 * model in the middle of it has the training begin anew from that one. Null: the phase was over before the slice came,
 * or it ended before any trainer had made a step.
 */
export async function train(context: MinerContext, first: Base): Promise<Trained | null> {
  if (!(await context.enter('Train'))) return null;
  // Upon the phase's last block, not after it: saving takes a moment, and MinerCommit1 may be a block or two long.
  const { end } = context.range('Train');
  let base = first;
  let done: Trained | null = null;
  await untilBlock(context.clock, end, 'the Train phase ends', async () => {
    for (;;) {
      const { trained, newer } = await trainFrom(context, base);
      if (trained !== null && trained.steps > 0) done = { ...base, trained };
      if (!newer) return;
      const next = await refetch(context);
      if (next === null) return;
      base = next;
    }
  });
  const result = done ?? (await collect(context, base));
  if (result === null) return null;
  const { steps, lossFirst, lossLast, modelHash } = result.trained;
  const losses = `${lossFirst.toFixed(4)} → ${lossLast.toFixed(4)}`;
  context.did('Train', `${steps} steps, loss of the batches ${losses}, hash \`${modelHash}\``);
  return result;
}

/** Trains on one base until it is done, cancelled, or the validator has another. */
async function trainFrom(
  context: MinerContext,
  { slice, validator }: Base,
): Promise<{ readonly trained: TrainedGroup | null; readonly newer: boolean }> {
  const { cycle, training, group } = context.plan;
  const { trainer, watch } = context.activities;
  const working = new CancellationScope();
  const watching = new CancellationScope();
  let newer = false;
  const watched = watching
    .run(() =>
      watch.awaitNewModel.executeWithOptions({ summary: `of ${validator.url}` }, [
        { validator, version: slice.version, modelHash: slice.modelHash },
      ]),
    )
    .then(
      ({ version, modelHash }) => {
        newer = true;
        context.log('train', `new model version=${version} hash=${modelHash}: the training starts again from it`, {
          event: 'new_base',
          version,
        });
        working.cancel();
      },
      (error: unknown) => {
        // Whoever cannot be watched is trained for all the same.
        if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
      },
    );
  try {
    const summary = `group ${group}, cycle ${cycle}`;
    const trained = await working
      .run(() => trainer.trainGroup.executeWithOptions({ summary }, [{ cycle, slice, training }]))
      .catch((error: unknown) => {
        if (isCancellation(error)) return null;
        throw error;
      });
    return { trained, newer };
  } finally {
    watching.cancel();
    await watched;
  }
}

/** The validator's slice as it is now; null where the phase ends before it is here, or it cannot be had. */
async function refetch(context: MinerContext): Promise<Base | null> {
  try {
    return await distribute(context);
  } catch (error) {
    if (isCancellation(error) || error instanceof ActivityFailure) return null;
    throw error;
  }
}

/**
 * What a trainer had on disk that was between two attempts when the phase ended. A trainer that is not there has a
 * minute at most: commitments do not wait.
 */
async function collect(context: MinerContext, { slice, validator }: Base): Promise<Trained | null> {
  const { cycle, training } = context.plan;
  const options = {
    summary: 'what is there',
    scheduleToCloseTimeout: '45s',
    retry: { maximumAttempts: 1 },
  } as const;
  try {
    const trained = await context.activities.trainer.trainGroup.executeWithOptions(options, [
      { cycle, slice, training, over: true },
    ]);
    return trained.steps > 0 ? { slice, validator, trained } : null;
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error)) return null;
    throw error;
  }
}
