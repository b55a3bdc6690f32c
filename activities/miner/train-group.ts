import { join } from 'node:path';
import { CancelledFailure, Context, heartbeat } from '@temporalio/activity';
import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { assembleParts, replaceGroup } from '../../adapters/model/parts.ts';
import {
  type CheckpointProgress,
  type TrainingJob,
  type TrainingProgress,
  train,
} from '../../adapters/model/trainer.ts';
import type { TrainingCommand } from '../../adapters/training-command/command-job.ts';
import { trainByCommand } from '../../adapters/training-command/train-by-command.ts';
import { beating } from '../beating.ts';
import type { MinerTrainActivities } from './activities.ts';
import type { MinerTrainDeps } from './deps.ts';
import { trainingLog } from './training-log.ts';

/**
 * Trains the group in a child process. Its folder is the cycle's, so that an attempt after a crash goes on from the
 * last checkpoint there, optimizer and data position included. Cancellation is how a phase ends and no failure: the
 * trainer saves, and what it has is the result. A shutdown is no end of the phase: the state is saved, and the next
 * attempt goes on from there.
 */
export const createMinerTrainActivities = (deps: MinerTrainDeps): MinerTrainActivities => ({
  async trainGroup(input) {
    heartbeat({ step: 0 });
    const { cycle, slice, training } = input;
    const { store, modelFolder, datasetPath, groups, trainings, log, hotkey } = deps;
    const parts = replaceGroup(assembleParts(modelFolder, groups), slice.group, store.path(slice.ref.digest));
    const tell = trainingLog(log, hotkey, input);
    const { phaseOver, shutdown } = endings(Context.current(), input.over === true);
    const about = { hotkey, group: slice.group, cycle };
    shutdown.addEventListener('abort', () =>
      log.info({ event: 'training_suspended', ...about }, 'The training stops, and goes on with the next start'),
    );
    const job: TrainingJob = {
      modelFolder,
      parts,
      group: slice.group,
      datasetPath,
      folder: join(trainings, `cycle-${cycle}-${slice.ref.digest.slice(0, 12)}`),
      // The same seed in every attempt, or a resumed training would see other data than an undisturbed one.
      seed: `${hotkey}/${cycle}`,
      policy: training,
      finalFile: deps.finalFile,
      resume: true,
    };
    const metrics = deps.metrics.training({ cycle, group: slice.group, policy: training });
    const onCheckpoint = (checkpoint: CheckpointProgress): void => {
      heartbeat({ step: checkpoint.step, checkpoint: checkpoint.checkpoint });
      tell.checkpoint(checkpoint);
      metrics.checkpoint(checkpoint);
    };
    const onProgress = (progress: TrainingProgress): void => {
      heartbeat({ step: progress.step, loss: progress.loss, checkpoint: progress.checkpoint });
      tell.step(progress);
      metrics.step(progress);
    };
    // A command may say nothing for minutes; whether it lives is watched where it runs.
    const byCommand = (command: TrainingCommand) =>
      beating(() =>
        trainByCommand(job, command, { onProgress, onCheckpoint, onChild: deps.onChild }, phaseOver, shutdown),
      );
    const result = await (deps.command === null
      ? train(job, onProgress, phaseOver, deps.onChild, shutdown)
      : byCommand(deps.command));
    const ref = await store.put({ file: result.file }, 'application/vnd.safetensors');
    const { hash } = await hashTensors(store.path(ref.digest));
    const { steps, lossFirst, lossLast, bestStep, problem } = result;
    if (problem !== null) log.error({ event: 'training_ended_early', ...about, steps, bestStep }, problem);
    log.info(
      { event: 'training_done', ...about, steps, lossLast, bestStep },
      `Trained ${steps} steps, the best of them is ${bestStep}`,
    );
    return { ref, modelHash: hash, steps, lossFirst, lossLast };
  },
});

/** Tells the two apart for which an activity is cancelled. */
function endings(context: Context, over: boolean): { readonly phaseOver: AbortSignal; readonly shutdown: AbortSignal } {
  const phaseOver = new AbortController();
  const shutdown = new AbortController();
  if (over) phaseOver.abort();
  const { cancellationSignal: cancelled } = context;
  const tell = (): void => {
    if (context.cancellationDetails?.workerShutdown === true) shutdown.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    else phaseOver.abort();
  };
  if (cancelled.aborted) tell();
  else cancelled.addEventListener('abort', tell, { once: true });
  return { phaseOver: phaseOver.signal, shutdown: shutdown.signal };
}
