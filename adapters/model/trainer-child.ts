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
const leave = new AbortController();
const begun = new AbortController();

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
      left: () => leave.signal.aborted,
      onRank: (rank, pid) => void answer({ kind: 'rank', rank, pid }),
      onProgress: (progress) => {
        begun.abort();
        void answer({ kind: 'progress', progress });
      },
    });
    await answer(result === null ? { kind: 'left' } : { kind: 'done', result });
  } catch (error) {
    await answer(errorMessage(error));
  }
}

process.on('message', (message: TrainerMessage) => {
  if (message.kind === 'settings') void run(message);
  else if (message.kind === 'stop') stop.abort();
  else {
    leave.abort();
    // Before the first step there is nothing to keep, and loading a model takes longer than anybody wants to wait.
    if (!begun.signal.aborted) void answer({ kind: 'left' });
  }
});
