import { fail } from '../../domain/errors/error.ts';
import { type ModelChild, startChild } from './child.ts';
import { errorFrom } from './child-error.ts';
import { readModelDescription } from './description.ts';
import { readGroupTensors } from './gradient-model.ts';
import type { GradientSource } from './gradient-source.ts';
import { meanGradients } from './mean-gradients.ts';
import { childMemoryLimit } from './memory-limit.ts';
import type { RankAnswer, RankMessage } from './rank-protocol.ts';
import type { TrainingJob } from './trainer-protocol.ts';

type Work = Exclude<RankMessage, { readonly kind: 'settings' }>;

/** One child process that computes gradients, and the one question that it is at. */
class Rank {
  readonly #child: ModelChild;
  readonly #rank: number;
  /** Rejects when the process ends. */
  readonly #died: Promise<never>;

  constructor(child: ModelChild, rank: number) {
    this.#child = child;
    this.#rank = rank;
    this.#died = child.ended.then((error) => {
      throw fail('OST_TRAINER_RANK_DIED', { rank, reason: String(error.params['reason']) });
    });
    // Whoever asks it something hears of it; between two questions nobody does.
    this.#died.catch(() => undefined);
  }

  async answer(message: Work | null): Promise<RankAnswer> {
    let forget = () => {};
    const answered = new Promise<RankAnswer>((resolve, reject) => {
      forget = this.#child.onMessage((heard) => {
        if (!isAnswer(heard)) return;
        if (heard.kind === 'error') reject(errorFrom(heard, `trainer rank ${this.#rank}`));
        else resolve(heard);
      });
    });
    if (message !== null) this.#child.send(message);
    try {
      return await Promise.race([answered, this.#died]);
    } finally {
      forget();
    }
  }

  async end(): Promise<void> {
    this.#child.kill();
    await this.#child.ended;
  }
}

const isAnswer = (message: unknown): message is RankAnswer =>
  typeof message === 'object' && message !== null && 'kind' in message;

/**
 * Several processes that share each step's rows, as data-parallel training does: each computes the mean gradient of its
 * share on the same weights, and the gradients are averaged in the order of the ranks, not of their arrival. Weights
 * and optimizer are this process's alone.
 *
 * A rank that dies takes the step down, and with it the training, which goes on from its last checkpoint with new
 * ranks: a rank that came back alone could not be told from one that hangs.
 *
 * @throws OST_TRAINER_RANK_DIED, or what keeps a rank from loading the model
 */
export async function startRanks(
  job: TrainingJob,
  onRank: (rank: number, pid: number) => void,
): Promise<GradientSource> {
  const description = await readModelDescription(job.modelFolder);
  const { tensors, scales } = await readGroupTensors(job);
  const memoryLimitBytes = await childMemoryLimit(job.modelFolder);
  const entry = new URL('rank-child.ts', import.meta.url);
  const opening = Array.from({ length: job.policy.worldSize }, async (_, rank) => {
    const onChild = (pid: number) => onRank(rank, pid);
    return new Rank(
      await startChild({ role: 'rank', entry, settings: { job, rank }, memoryLimitBytes, onChild }),
      rank,
    );
  });
  const ranks = await Promise.all(opening);
  const release = async (): Promise<void> => {
    await Promise.all(ranks.map((rank) => rank.end()));
  };
  try {
    await Promise.all(ranks.map((rank) => rank.answer(null)));
  } catch (error) {
    await release();
    throw error;
  }
  const parameters = () => tensors.map(({ data }) => data);
  return {
    tensors,
    context: description.context,
    scales,
    async gradients(step, lossScale) {
      const message = { kind: 'step', step, lossScale, parameters: parameters() } as const;
      const answers = await Promise.all(ranks.map((rank) => rank.answer(message)));
      return meanGradients(
        answers.map((answer) => (answer.kind === 'gradients' ? answer : { loss: 0, gradients: [] })),
      );
    },
    async validate() {
      // Every rank could; one is enough, and the same one always.
      const answer = await ranks[0]?.answer({ kind: 'validate', parameters: parameters() });
      return answer?.kind === 'validation' ? answer.loss : Number.NaN;
    },
    release,
  };
}
