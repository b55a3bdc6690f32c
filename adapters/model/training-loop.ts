import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fail } from '../../domain/errors/error.ts';
import type { TaggedRow } from './batch.ts';
import { readTrainingText } from './corpus.ts';
import { learningRateAt } from './cosine-schedule.ts';
import { readDataset } from './dataset.ts';
import { readModelDescription } from './description.ts';
import { GradientModel } from './gradient-model.ts';
import { adamWStep, clipFactor, globalNorm, globalSum } from './optimizer.ts';
import { partFile } from './parts.ts';
import type { TrainingJob, TrainingProgress, TrainingResult } from './trainer-protocol.ts';
import { trainingData } from './training-data.ts';
import { freshState, loadState, saveGroup, saveState, type TrainingState } from './training-state.ts';

const maxNorm = 1;
const warmupSteps = 10;
/** Where nobody says how many steps there will be, the rate falls over about what a demo's phase has time for. */
const openEndedSteps = 300;
const floor = 0.1;
const maxSkippedInARow = 50;

export interface LoopOptions {
  /** A private folder for copies of the parts. */
  readonly folder: string;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Looked at between two steps: whether the training is over. */
  readonly stopped: () => boolean;
  /** Looked at between two steps: whether it is to go on in another process. */
  readonly left: () => boolean;
}

/**
 * Trains one group: gradients from the graph, clipping, AdamW. Every so many steps the state is saved and the weights
 * are judged on text that is not trained on; the best ones, be they the base's, are the result. Null where it was left.
 *
 * @throws OST_MODEL_TRAINING_DIVERGED, OST_MODEL_FILE_MISSING, OST_MODEL_SHAPE_MISMATCH, OST_DISK_FULL …
 */
export async function trainGroup(job: TrainingJob, options: LoopOptions): Promise<TrainingResult | null> {
  await prepareFolder(job);
  const description = await readModelDescription(job.modelFolder);
  const text = await trainingText(job, description.groups);
  const data = trainingData(text, { ...job, size: description.context });
  const { folder } = options;
  const model = await GradientModel.open(job, { folder, threads: job.threads, description });
  const { state, statePath, name } = await begin(job, model, () => model.loss(data.validation, job.batchSize));
  const { counters } = state;
  const schedule = {
    peak: job.learningRate,
    warmupSteps,
    totalSteps: 'steps' in job.until ? job.until.steps : openEndedSteps,
    floor,
  };
  const last = 'steps' in job.until ? job.until.steps : Number.POSITIVE_INFINITY;

  const judgeAndSave = async () => {
    const validation = await model.loss(data.validation, job.batchSize);
    if (validation < counters.bestValidation) {
      Object.assign(counters, { bestValidation: validation, bestStep: counters.step });
      for (const { best, data: now } of state.tensors) best.set(now);
    }
    await saveState(statePath, state, name);
  };

  let saved = counters.step;
  while (counters.step < last && !options.stopped() && !options.left()) {
    const begun = performance.now();
    const learningRate = learningRateAt(schedule, counters.step);
    const { loss, gradNorm, gradSum } = await takeStep(model, state, data.batch(counters.step), learningRate);
    const seconds = (performance.now() - begun) / 1000;
    const due = counters.step % job.checkpointEverySteps === 0 || counters.step === last;
    if (due) {
      await judgeAndSave();
      saved = counters.step;
    }
    const tokensPerSecond = Math.round((job.batchSize * description.context) / seconds);
    const { step } = counters;
    const checkpoint = due ? statePath : null;
    options.onProgress({ step, loss, gradNorm, gradSum, learningRate, tokensPerSecond, checkpoint });
    // A run blocks the event loop: without a turn of it no message, such as the one to stop, would ever arrive.
    await setImmediate();
  }
  if (options.left()) {
    // No judgement: where a training is interrupted must not decide which of its weights are the best.
    if (saved !== counters.step) await saveState(statePath, state, name);
    return null;
  }
  if (saved !== counters.step) await judgeAndSave();
  const file = join(job.folder, partFile(job.group));
  await saveGroup(file, state.tensors);
  await model.release();
  return {
    file,
    steps: counters.step,
    skipped: counters.skipped,
    lossFirst: counters.lossFirst ?? counters.validationBefore,
    lossLast: counters.lossLast ?? counters.validationBefore,
    validationBefore: counters.validationBefore,
    validationAfter: counters.bestValidation,
    bestStep: counters.bestStep,
  };
}

async function takeStep(
  model: GradientModel,
  { tensors, counters }: TrainingState,
  rows: readonly TaggedRow[],
  learningRate: number,
): Promise<Pick<TrainingProgress, 'loss' | 'gradNorm' | 'gradSum'>> {
  const { loss, gradients } = await model.gradients(rows);
  const gradNorm = globalNorm(gradients);
  const gradSum = globalSum(gradients);
  counters.step += 1;
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
    counters.skipped += 1;
    counters.skippedInARow += 1;
    if (counters.skippedInARow >= maxSkippedInARow) {
      throw fail('OST_MODEL_TRAINING_DIVERGED', { count: counters.skippedInARow });
    }
    return { loss: Number.NaN, gradNorm, gradSum };
  }
  counters.skippedInARow = 0;
  counters.updates += 1;
  counters.lossFirst ??= loss;
  counters.lossLast = loss;
  const step = { step: counters.updates, learningRate, scale: clipFactor(gradNorm, maxNorm) };
  for (const [index, { data, firstMoment, secondMoment }] of tensors.entries()) {
    const gradient = gradients[index];
    if (gradient !== undefined) adamWStep({ parameter: data, firstMoment, secondMoment }, gradient, step);
  }
  return { loss, gradNorm, gradSum };
}

/** The text of the group: the operator's own where there is one, else the one that ships with the model. */
async function trainingText({ datasetPath, modelFolder, group }: TrainingJob, groups: number): Promise<Uint8Array> {
  if (datasetPath === null) return readTrainingText(modelFolder, group);
  const text = (await readDataset(datasetPath, groups))[group];
  return text ?? new Uint8Array();
}

async function begin(job: TrainingJob, model: GradientModel, validate: () => Promise<number>) {
  const name = await jobName(job);
  const statePath = join(job.folder, 'training_state.safetensors');
  const fresh = freshState(model.tensors, Number.NaN);
  const found = job.resume ? await loadState(statePath, fresh, name) : null;
  const state = found ?? freshState(model.tensors, await validate());
  return { state, statePath, name };
}

/** What a state belongs to: the same weights to begin with and the same course of training. */
async function jobName({
  parts,
  group,
  datasetPath,
  seed,
  until,
  batchSize,
  learningRate,
  checkpointEverySteps,
}: TrainingJob) {
  const hash = createHash('sha256');
  for (const path of [parts.shared, ...parts.groups])
    hash.update(
      createHash('sha256')
        .update(await readFile(path))
        .digest(),
    );
  hash.update(JSON.stringify([group, datasetPath, seed, until, batchSize, learningRate, checkpointEverySteps]));
  return hash.digest('hex');
}

/** A killed attempt may have left a half-written file. */
async function prepareFolder({ folder }: TrainingJob): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
}
