import { rowsOfStep, shardOf } from '../../domain/training-policy.ts';
import { openTrainingTokens } from './corpus.ts';
import { readModelDescription } from './description.ts';
import { GradientModel, type Gradients, type GroupTensor } from './gradient-model.ts';
import { meanGradients } from './mean-gradients.ts';
import type { TrainingJob } from './trainer-protocol.ts';
import { type TrainingData, trainingData } from './training-data.ts';

/** One process's share of a training: its own session, and its part of each step's rows. */
export class Shard {
  readonly #model: GradientModel;
  readonly #data: TrainingData;
  readonly #job: TrainingJob;
  readonly #rank: number;
  readonly context: number;

  private constructor(model: GradientModel, data: TrainingData, context: number, job: TrainingJob, rank: number) {
    this.#model = model;
    this.#data = data;
    this.context = context;
    this.#job = job;
    this.#rank = rank;
  }

  /** @param folder a private folder for copies of the parts. @throws what keeps the model or its data from loading */
  static async open(job: TrainingJob, { folder, rank }: { readonly folder: string; readonly rank: number }) {
    const description = await readModelDescription(job.modelFolder);
    const text = await openTrainingTokens(job, description.groups);
    const { group, seed, policy } = job;
    const data = trainingData(text, { group, seed, batchSize: rowsOfStep(policy), size: description.context });
    const threads = policy.threads === 0 ? 0 : Math.max(1, Math.floor(policy.threads / policy.worldSize));
    const model = await GradientModel.open(job, { folder, threads, description });
    return new Shard(model, data, description.context, job, rank);
  }

  get tensors(): readonly GroupTensor[] {
    return this.#model.tensors;
  }

  get scales(): boolean {
    return this.#model.scales;
  }

  async gradients(step: number, lossScale: number): Promise<Gradients> {
    const rows = this.#data.batch(step);
    const parts: Gradients[] = [];
    for (const [begin, end] of shardOf(this.#job.policy, this.#rank)) {
      parts.push(await this.#model.gradients(rows.slice(begin, end), lossScale));
    }
    return meanGradients(parts);
  }

  validate(): Promise<number> {
    return this.#model.loss(this.#data.validation, this.#job.policy.batchSize);
  }

  release(): Promise<void> {
    return this.#model.release();
  }
}
