import { setPriority } from 'node:os';
import { errorMessage } from './child-error.ts';
import { obeyParent } from './child-life.ts';
import type { TrainerAnswer, TrainerMessage, TrainerSettings } from './trainer-protocol.ts';
import { trainGroup } from './training-loop.ts';

/** Below the processes that answer the chain and the network: they need little, and need it at once. */
setPriority(5);
// The state on disk is enough to go on from, whenever this process ends.
obeyParent();

const stop = new AbortController();

const answer = (message: TrainerAnswer): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });

async function run({ job, folder }: TrainerSettings): Promise<void> {
  try {
    const result = await trainGroup(job, {
      folder: `${folder}/parts`,
      stopped: () => stop.signal.aborted,
      onProgress: (progress) => void answer({ kind: 'progress', progress }),
    });
    await answer({ kind: 'done', result });
  } catch (error) {
    await answer(errorMessage(error));
  }
}

process.on('message', (message: TrainerMessage) => {
  if (message.kind === 'stop') stop.abort();
  else void run(message);
});
