import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhaseName } from '../../../domain/phases.ts';
import type { Seen } from '../../stack/event-log.ts';
import { until } from '../../stack/gate.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Helper, Point, Scene, Strike } from './point.ts';

type Said = Parameters<Stack['log']['wait']>[0];

/** A kill that waits for a word of late in the run waits for all that is killed before; that it came is seen to at the end. */
const wholeRunMs = 600_000;

/** Waits for what somebody says, from the beginning of the run. */
export const heard = async ({ stack }: Scene, said: Said): Promise<void> => {
  await stack.log.wait(said, wholeRunMs);
};

const nameOf = ({ miner }: Scene, of: string): string => (of === 'miner' ? miner : of);

/** Kills when somebody says something. */
export const upon = (at: PhaseName, said: Said, of: string): Strike => ({
  of,
  at,
  beside: async (scene) => {
    await heard(scene, said);
    await scene.kill(nameOf(scene, of));
  },
});

/** Kills a child of somebody when somebody says something. */
const helperUpon = (at: PhaseName, said: Said, role: Helper, of: string): Strike => ({
  of,
  at,
  beside: async (scene) => {
    await heard(scene, said);
    await scene.killHelper(role, nameOf(scene, of));
  },
});

/** At a moment in a phase that the seed chooses: whatever is just being done, workflow tasks among it. */
export const sometimeIn = (phase: PhaseName, of: string): Strike => ({
  of,
  at: phase,
  entered: {
    [phase]: async (scene: Scene) => {
      await sleep(scene.random.between(0, 400));
      await scene.kill(nameOf(scene, of));
    },
  },
});

const signerSometime = (of: string): Strike => ({
  of,
  at: 'MinerCommit1',
  entered: {
    MinerCommit1: async (scene) => {
      await sleep(scene.random.between(0, 200));
      await scene.killHelper('signer', nameOf(scene, of));
    },
  },
});

/** Enough of a file for the server to have judged the form and begun to write; the rest is the seed's. */
const uploadedBytes = ({ random }: Scene): number => random.between(100_000, 700_000);
/** Several connections fetch a part of the slice each. */
const downloadedBytes = ({ random }: Scene): number => random.between(20_000, 150_000);

/** Kills in the middle of the miner's upload. */
const inUpload = (of: string): Strike => {
  const held = new WeakMap<Scene, Promise<void>>();
  return {
    of,
    at: 'Submission',
    holds: 'an upload',
    before: {
      Submission: async (scene) => {
        const { stack } = scene;
        held.set(scene, stack.uploads.holdUpload(stack.hotkey(scene.miner), uploadedBytes(scene)));
      },
    },
    entered: {
      Submission: async (scene) => {
        await held.get(scene);
        await scene.kill(nameOf(scene, of));
      },
    },
  };
};

/** Kills in the middle of the miner's download of its slice. */
const inDownload = (of: string): Strike => ({
  of,
  at: 'Distribute',
  holds: 'a download',
  beside: async (scene) => {
    await scene.stack.uploads.holdDownload(downloadedBytes(scene));
    await scene.kill(nameOf(scene, of));
  },
});

/** The file is in the ledger and its signal in the history, and nobody has handled it. */
const betweenSignalAndHandling: Strike = {
  of: 'validator',
  at: 'Submission',
  // Processes stand still meanwhile, and one that stands still does not die by itself.
  alone: ['Submission', 'Validate'],
  before: { Submission: async ({ stack, miner }) => stack.signal(miner, 'SIGSTOP') },
  entered: {
    Submission: async ({ stack, miner, kill }) => {
      const { log } = stack;
      await log.wait({ source: 'validator', event: 'submit_opened' });
      await until('the submission waits for its file', async () => {
        const handle = stack.client('validator').workflow.list({ query: 'WorkflowType = "SubmissionWorkflow"' });
        for await (const { status } of handle) if (status.name === 'RUNNING') return true;
        return null;
      });
      await sleep(300);
      stack.signal('validator', 'SIGSTOP');
      stack.signal(miner, 'SIGCONT');
      await log.wait({ source: 'server', event: 'submission_accepted' });
      await sleep(200);
      await kill('validator');
    },
  },
};

const stepOf = (seen: Seen | undefined): number => Number(seen?.fields['step'] ?? Number.NaN);

/** No kill, for once: the miner is told to end in the middle of its training, saves its last step and ends in order. */
const toldToEnd: Strike = {
  of: 'miner',
  at: 'Train',
  alone: ['Train'],
  beside: async (scene) => {
    const { stack, miner, struck } = scene;
    const { log } = stack;
    await heard(scene, { source: miner, event: 'training_step', fields: { step: 1 } });
    // The trainer stands still until it is asked to leave, or it might be done before.
    const { pid } = stack.helper('trainer', miner);
    process.kill(pid, 'SIGSTOP');
    const ended = stack.stop(miner);
    await log.wait({ source: miner, event: 'training_suspended' });
    process.kill(pid, 'SIGCONT');
    const code = await ended;
    if (code !== 0) throw new Error(`the miner that was told to end did so with ${code}`);
    const reached = stepOf(log.all({ source: miner, event: 'training_step' }).at(-1));
    if (log.all({ source: miner, event: 'training_done' }).length > 0) throw new Error('it was done before it ended');
    // It is for the operator, and nothing that a run without this leaves.
    await rm(join(stack.pathOf(miner), 'mycelia_final.safetensors'));
    const since = log.mark();
    await stack.start(miner);
    const resumed = stepOf(await log.wait({ source: miner, event: 'training_started', since }));
    if (resumed !== reached + 1) throw new Error(`trained up to step ${reached}, went on at step ${resumed}`);
    struck();
  },
};

export const point = (name: string, ...found: readonly Strike[]): Point => ({
  name,
  ways: found.map((strike) => ({ kind: 'strike', strike })),
});

const phasesOfValidator = ['Distribute', 'MinerCommit1', 'Submission', 'Merge', 'ValidatorCommit2'] as const;
const phasesOfMiner = ['Train', 'MinerCommit1', 'MinerCommit2', 'Submission', 'Merge'] as const;
const phasesOfServer = ['Train', 'Submission', 'Merge'] as const;
const evaluating = { event: 'evaluation_started' };
const training = { event: 'training_step', fields: { step: 3 } };

/** The points whose kills come from outside. */
export const strikes: readonly Point[] = [
  point('the validator, sometime', ...phasesOfValidator.map((phase) => sometimeIn(phase, 'validator'))),
  point('the validator, in an evaluation', upon('Submission', evaluating, 'validator')),
  point('the validator, between a signal and its handling', betweenSignalAndHandling),
  point('the miner, sometime', ...phasesOfMiner.map((phase) => sometimeIn(phase, 'miner'))),
  point('the miner, in a download', inDownload('miner')),
  point('the miner, in a training step', upon('Train', training, 'miner')),
  point('the miner, told to end in its training', toldToEnd),
  point('the miner, in an upload', inUpload('miner')),
  point('the model server, sometime', ...phasesOfServer.map((phase) => sometimeIn(phase, 'server'))),
  point('the model server, in a download', inDownload('server')),
  point('the model server, in an upload', inUpload('server')),
  point('the model server, with a file taken', upon('Submission', { event: 'submission_accepted' }, 'server')),
  point('the evaluator, in an evaluation', helperUpon('Submission', evaluating, 'evaluator', 'validator')),
  point('the evaluator, after the merge', helperUpon('Merge', { event: 'model_merged' }, 'evaluator', 'validator')),
  point('the trainer, in a training step', helperUpon('Train', training, 'trainer', 'miner')),
  point('the signer, sometime', ...['validator', 'miner'].map(signerSometime)),
];
