import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Precision } from '../../domain/training-policy.ts';
import type { TrainingJob } from '../model/trainer-protocol.ts';

/** A trainer of the operator's own. */
export interface TrainingCommand {
  readonly argv: readonly [string, ...string[]];
  readonly precision: Precision;
  readonly silenceMs: number;
  readonly checkpointsKept: number;
  /** What the command may see of our environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that are ours: settings and secrets that a trainer has no business with. */
const ours = /^(?:OSTINATO_|BZ_|TEMPORAL_|WALLET_|HOTKEY_NAME$|BITTENSOR_)/;

/** What of an environment a training command gets: all that its libraries may ask for, and nothing of Ostinato's. */
export const commandEnvironment = (environment: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || ours.test(name) ? [] : [[name, value]],
    ),
  );

export interface CommandFolders {
  /** Where the command writes its checkpoints, and whatever else it keeps from attempt to attempt. */
  readonly checkpoints: string;
  readonly jobFile: string;
  readonly logFile: string;
}

export const foldersIn = (folder: string): CommandFolders => ({
  checkpoints: join(folder, 'checkpoints'),
  jobFile: join(folder, 'job.json'),
  logFile: join(folder, 'command.log'),
});

export interface Resume {
  readonly step: number;
  readonly path: string;
}

/** Writes the job's file and gives the command's whole environment. docs/miner.md describes both. */
export async function handOver(
  job: TrainingJob,
  command: TrainingCommand,
  { checkpoints, jobFile }: CommandFolders,
  resume: Resume | null,
): Promise<Readonly<Record<string, string>>> {
  const { policy, parts, group } = job;
  const base = parts.groups[group] ?? '';
  const settings = {
    format: 1,
    group,
    base,
    shared: parts.shared,
    groups: parts.groups,
    model_folder: job.modelFolder,
    dataset: job.datasetPath,
    checkpoint_folder: checkpoints,
    resume,
    seed: job.seed,
    steps: policy.steps,
    precision: command.precision,
    batch_size: policy.batchSize,
    gradient_accumulation_steps: policy.accumulationSteps,
    world_size: policy.worldSize,
    learning_rate: policy.learningRate,
    warmup_steps: policy.warmupSteps,
    total_steps: policy.totalSteps,
    beta1: policy.beta1,
    beta2: policy.beta2,
    weight_decay: policy.weightDecay,
    max_grad_norm: policy.maxGradNorm,
    loss_scale: policy.lossScaling?.initial ?? null,
    loss_scale_growth_interval: policy.lossScaling?.growthInterval ?? null,
    checkpoint_interval_steps: policy.checkpointEverySteps,
    silence_seconds: command.silenceMs / 1000,
  };
  await writeFile(jobFile, `${JSON.stringify(settings, null, 2)}\n`);
  return {
    ...command.env,
    OSTINATO_JOB: jobFile,
    OSTINATO_CHECKPOINT_FOLDER: checkpoints,
    OSTINATO_BASE: base,
    OSTINATO_GROUP: String(group),
    OSTINATO_PRECISION: command.precision,
    ...(resume === null ? {} : { OSTINATO_RESUME: resume.path, OSTINATO_RESUME_STEP: String(resume.step) }),
    // Standard output into a pipe is held back by Python until it is full.
    PYTHONUNBUFFERED: '1',
  };
}
