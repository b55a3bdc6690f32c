import { setPriority } from 'node:os';
import { errorMessage } from './child-error.ts';
import { obeyParent } from './child-life.ts';
import type { RankAnswer, RankMessage, RankSettings } from './rank-protocol.ts';
import { Shard } from './shard.ts';

/** As the trainer's own process, and for the same reason. */
setPriority(5);
// A rank keeps nothing: whoever started it has the weights and the state.
obeyParent();

const answer = (message: RankAnswer): void => {
  process.send?.(message);
};

async function compute(shard: Shard, message: Exclude<RankMessage, RankSettings>): Promise<RankAnswer> {
  for (const [index, { data }] of shard.tensors.entries()) data.set(message.parameters[index] ?? data);
  if (message.kind === 'validate') return { kind: 'validation', loss: await shard.validate() };
  const { step, lossScale } = message;
  const { loss, gradients } = await shard.gradients(step, lossScale);
  return { kind: 'gradients', step, loss, gradients };
}

process.once('message', (settings: RankSettings) => {
  const opening = Shard.open(settings.job, { folder: `${settings.folder}/parts`, rank: settings.rank });
  const tell = (work: Promise<RankAnswer>) => work.then(answer, (error: unknown) => answer(errorMessage(error)));
  process.on('message', (message: Exclude<RankMessage, RankSettings>) => {
    void tell(opening.then((shard) => compute(shard, message)));
  });
  void tell(opening.then(() => ({ kind: 'ready' })));
});
