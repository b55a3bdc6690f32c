import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { LossScaler } from '../../domain/loss-scaler.ts';
import { rowsOfStep, type TrainingPolicy } from '../../domain/training-policy.ts';
import { type CosineSchedule, learningRateAt } from './cosine-schedule.ts';
import type { GradientSource } from './gradient-source.ts';
import { partFile } from './parts.ts';
import { startRanks } from './ranks.ts';
import { Shard } from './shard.ts';
import type { TrainingJob, TrainingProgress, TrainingResult } from './trainer-protocol.ts';
import { copyState, freshState, loadState, saveGroup, saveState, type TrainingState } from './training-state.ts';
import { type StepResult, takeStep } from './training-step.ts';

/** Where nobody says how many steps there will be, the rate falls over about what a demo's phase has time for. */
const openEndedSteps = 300;
const floor = 0.1;

export interface LoopOptions {
  /** A private folder for copies of the parts. */
  readonly folder: string;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Told of each process that computes gradients, where there are several. */
  readonly onRank: (rank: number, pid: number) => void;
  /** Looked at between two steps: whether the training is over. */
  readonly stopped: () => boolean;
  /** Looked at between two steps: whether it is to go on in another process. */
  readonly left: () => boolean;
}

/**
 * Trains one group: gradients from the graph, in this process or several; clipping, AdamW. Every so many steps the
 * state is saved, and every so many the weights are judged on text that is not trained on; the best ones, be they the
 * base's, are the result. Null where it was left.
 *
 * @throws OST_MODEL_TRAINING_DIVERGED, OST_TRAINER_RANK_DIED, OST_MODEL_FILE_MISSING, OST_MODEL_SHAPE_MISMATCH …
 */
export async function trainGroup(job: TrainingJob, options: LoopOptions): Promise<TrainingResult | null> {
  await prepareFolder(job);
  const source = await openSource(job, options);
  try {
    return await trainOn(source, job, options);
  } finally {
    await source.release();
  }
}

const openSource = (job: TrainingJob, { folder, onRank }: LoopOptions): Promise<GradientSource> =>
  job.policy.worldSize > 1 ? startRanks(job, onRank) : Shard.open(job, { folder, rank: 0 });

async function trainOn(source: GradientSource, job: TrainingJob, options: LoopOptions): Promise<TrainingResult | null> {
  const { policy } = job;
  const { state, statePath, name } = await begin(job, source);
  const { counters } = state;
  const scaling = source.scales ? policy.lossScaling : null;
  const scaler = scaling === null ? null : new LossScaler(scaling, counters.lossScaler ?? undefined);
  const schedule = scheduleOf(policy);
  const last = policy.steps ?? Number.POSITIVE_INFINITY;
  const rows = rowsOfStep(policy);
  const tokens = rows * source.context;

  const judge = async (): Promise<number> => {
    const validation = await source.validate();
    counters.judgedStep = counters.step;
    if (validation < counters.bestValidation) {
      Object.assign(counters, { bestValidation: validation, bestStep: counters.step });
      for (const { best, data: now } of state.tensors) best.set(now);
    }
    return validation;
  };

  let saved = counters.step;
  let problem: string | null = null;
  while (counters.step < last && !options.stopped() && !options.left()) {
    const begun = performance.now();
    const learningRate = learningRateAt(schedule, counters.step);
    let result: StepResult;
    try {
      result = await takeStep(source, state, { policy, learningRate, scaler });
    } catch (error) {
      // Every attempt would come to the same; what was good before stays good.
      if (!isOstinatoError(error, 'OST_MODEL_TRAINING_DIVERGED') || counters.bestStep === 0) throw error;
      problem = error.explain();
      break;
    }
    const stepMs = performance.now() - begun;
    const { step } = counters;
    const ended = step === last;
    const validation = step % policy.evaluateEverySteps === 0 || ended ? await judge() : null;
    const due = step % policy.checkpointEverySteps === 0 || ended;
    const saving = performance.now();
    if (due) {
      await saveState(statePath, state, name);
      saved = step;
    }
    options.onProgress({
      ...result,
      step,
      learningRate,
      tokensPerSecond: Math.round((tokens * 1000) / stepMs),
      tokens: step * tokens,
      rows: step * rows,
      stepMs,
      validation,
      bestStep: counters.bestStep,
      checkpoint: due ? statePath : null,
      checkpointMs: due ? performance.now() - saving : null,
    });
    // A run blocks the event loop: without a turn of it no message, such as the one to stop, would ever arrive.
    await setImmediate();
  }
  if (options.left()) {
    // No judgement: where a training is interrupted must not decide which of its weights are the best.
    if (saved !== counters.step) await saveState(statePath, state, name);
    if (job.finalFile !== null && counters.step > 0) await copyState(statePath, job.finalFile);
    return null;
  }
  if (counters.judgedStep !== counters.step && problem === null) await judge();
  if (saved !== counters.step) await saveState(statePath, state, name);
  const file = join(job.folder, partFile(job.group));
  await saveGroup(file, state.tensors);
  return {
    file,
    steps: counters.step,
    skipped: counters.skipped,
    lossFirst: counters.lossFirst ?? counters.validationBefore,
    lossLast: counters.lossLast ?? counters.validationBefore,
    validationBefore: counters.validationBefore,
    validationAfter: counters.bestValidation,
    bestStep: counters.bestStep,
    problem,
  };
}

function scheduleOf({ learningRate, warmupSteps, totalSteps, steps }: TrainingPolicy): CosineSchedule {
  return { peak: learningRate, warmupSteps, totalSteps: totalSteps ?? steps ?? openEndedSteps, floor };
}

interface Begun {
  readonly state: TrainingState;
  readonly statePath: string;
  readonly name: string;
}

async function begin(job: TrainingJob, source: GradientSource): Promise<Begun> {
  const name = await jobName(job);
  const statePath = join(job.folder, 'training_state.safetensors');
  const fresh = freshState(source.tensors, Number.NaN);
  const found = job.resume ? await loadState(statePath, fresh, name) : null;
  const state = found ?? freshState(source.tensors, await source.validate());
  return { state, statePath, name };
}

/** What a state belongs to: the same weights to begin with and the same course of training. */
async function jobName({ parts, group, datasetPath, seed, policy }: TrainingJob): Promise<string> {
  const hash = createHash('sha256');
  for (const path of [parts.shared, ...parts.groups])
    hash.update(
      createHash('sha256')
        .update(await readFile(path))
        .digest(),
    );
  // Threads change how fast the numbers come, and not one of them.
  hash.update(JSON.stringify([group, datasetPath, seed, { ...policy, threads: 0 }]));
  return hash.digest('hex');
}

/** A killed attempt may have left a half-written file. */
async function prepareFolder({ folder }: TrainingJob): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
}
