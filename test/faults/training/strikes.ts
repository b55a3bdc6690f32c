import { setTimeout as sleep } from 'node:timers/promises';
import type { PhaseName } from '../../../domain/phases.ts';
import { until } from '../../stack/gate.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Point, Scene, Strike } from './point.ts';

type Helper = 'signer' | 'evaluator' | 'trainer';

type Who = (scene: Scene) => string;
type Said = Parameters<Stack['log']['wait']>[0];

/** SIGKILL to one process; whoever starts it starts it again. */
const killMain = (stack: Stack, name: string): void => stack.signal(name, 'SIGKILL');

/** Kills when somebody says something. */
const upon = (said: Said, who: Who): Strike => ({
  beside: async (scene) => {
    await scene.stack.log.wait(said);
    killMain(scene.stack, who(scene));
  },
});

/** Kills a child of somebody when somebody says something. */
const helperUpon = (said: Said, role: Helper, of: Who): Strike => ({
  beside: async (scene) => {
    await scene.stack.log.wait(said);
    process.kill(scene.stack.helper(role, of(scene)).pid, 'SIGKILL');
  },
});

const signerSometime = (of: Who): Strike => ({
  entered: {
    MinerCommit1: async (scene) => {
      await sleep(scene.random.between(0, 200));
      process.kill(scene.stack.helper('signer', of(scene)).pid, 'SIGKILL');
    },
  },
});

/** At a moment in a phase that the seed chooses: whatever is just being done, workflow tasks among it. */
const sometimeIn = (phase: PhaseName, who: Who): Strike => ({
  entered: {
    [phase]: async (scene: Scene) => {
      await sleep(scene.random.between(0, 400));
      killMain(scene.stack, who(scene));
    },
  },
});

const validator = (): string => 'validator';
const miner = (scene: Scene): string => scene.miner;
const server = (): string => 'server';

/** Enough of a file for the server to have judged the form and begun to write; the rest is the seed's. */
const uploadedBytes = ({ random }: Scene): number => random.between(100_000, 700_000);
/** Several connections fetch a part of the slice each. */
const downloadedBytes = ({ random }: Scene): number => random.between(20_000, 150_000);

/** Kills in the middle of the miner's upload. */
const inUpload = (who: Who): Strike => {
  const held = new WeakMap<Scene, Promise<void>>();
  return {
    before: {
      Submission: async (scene) => {
        const { stack } = scene;
        held.set(scene, stack.uploads.holdUpload(stack.hotkey(scene.miner), uploadedBytes(scene)));
      },
    },
    entered: {
      Submission: async (scene) => {
        await held.get(scene);
        killMain(scene.stack, who(scene));
      },
    },
  };
};

/** Kills in the middle of the miner's download of its slice. */
const inDownload = (who: Who): Strike => ({
  beside: async (scene) => {
    await scene.stack.uploads.holdDownload(downloadedBytes(scene));
    killMain(scene.stack, who(scene));
  },
});

/** The file is in the ledger and its signal in the history, and nobody has handled it. */
const betweenSignalAndHandling: Strike = {
  before: { Submission: async ({ stack, miner: name }) => stack.signal(name, 'SIGSTOP') },
  entered: {
    Submission: async ({ stack, miner: name }) => {
      const { log } = stack;
      await log.wait({ source: 'validator', event: 'submit_opened' });
      await until('the submission waits for its file', async () => {
        const handle = stack.client('validator').workflow.list({ query: 'WorkflowType = "SubmissionWorkflow"' });
        for await (const { status } of handle) if (status.name === 'RUNNING') return true;
        return null;
      });
      await sleep(300);
      stack.signal('validator', 'SIGSTOP');
      stack.signal(name, 'SIGCONT');
      await log.wait({ source: 'server', event: 'submission_accepted' });
      await sleep(200);
      killMain(stack, 'validator');
    },
  },
};

const point = (name: string, ...found: readonly Strike[]): Point => ({
  name,
  ways: found.map((strike) => ({ kind: 'strike', strike })),
});

const phasesOfValidator = ['Distribute', 'MinerCommit1', 'Submission', 'Merge', 'ValidatorCommit2'] as const;
const phasesOfMiner = ['Train', 'MinerCommit1', 'MinerCommit2', 'Submission', 'Merge'] as const;
const phasesOfServer = ['Train', 'Submission', 'Merge'] as const;

/** The points whose kills come from outside. */
export const strikes: readonly Point[] = [
  point('the validator, sometime', ...phasesOfValidator.map((phase) => sometimeIn(phase, validator))),
  point('the validator, in an evaluation', upon({ event: 'evaluation_started' }, validator)),
  point('the validator, between a signal and its handling', betweenSignalAndHandling),
  point('the miner, sometime', ...phasesOfMiner.map((phase) => sometimeIn(phase, miner))),
  point('the miner, in a download', inDownload(miner)),
  point('the miner, in a training step', upon({ event: 'training_step', fields: { step: 3 } }, miner)),
  point('the miner, in an upload', inUpload(miner)),
  point('the model server, sometime', ...phasesOfServer.map((phase) => sometimeIn(phase, server))),
  point('the model server, in a download', inDownload(server)),
  point('the model server, in an upload', inUpload(server)),
  point('the model server, with a file taken', upon({ event: 'submission_accepted' }, server)),
  point('the evaluator, in an evaluation', helperUpon({ event: 'evaluation_started' }, 'evaluator', validator)),
  point('the evaluator, after the merge', helperUpon({ event: 'model_merged' }, 'evaluator', validator)),
  point(
    'the trainer, in a training step',
    helperUpon({ event: 'training_step', fields: { step: 3 } }, 'trainer', miner),
  ),
  point('the signer, sometime', ...[validator, miner].map(signerSometime)),
];
