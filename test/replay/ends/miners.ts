import { ApplicationFailure } from '@temporalio/common';
import { netuid } from '../../../domain/units.ts';
import { minerId } from '../../../temporal/ids.ts';
import type { MinerWorkflow } from '../../../workflows/miner.ts';
import { called, untilCancelled } from '../../workflows/fakes/chain.ts';
import { type MinerFakes, type MinerScenario, minerScenario } from '../../workflows/fakes/miner.ts';
import { ended, type Scene, type Stage, until } from './stage.ts';

async function begin({ miner }: Stage, label: string, scenario: MinerScenario, cyclesLeft = 1) {
  const seen = minerScenario(scenario);
  miner.scripts.set(label, seen.fakes);
  const handle = await miner.client.workflow.start<typeof MinerWorkflow>('MinerWorkflow', {
    workflowId: minerId(label, 1, miner.hotkey),
    taskQueue: miner.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: miner.hotkey, cyclesLeft }],
  });
  return { ...seen, handle };
}

type Running = Awaited<ReturnType<typeof begin>>;

/** A single cycle that ends by itself, or by what is done meanwhile. */
const scene = (
  name: string,
  activities: Partial<MinerFakes>,
  meanwhile: (running: Running) => Promise<void> = async () => undefined,
  scenario: MinerScenario = {},
): Scene => ({
  label: `miner-${name}`,
  play: async (stage, label) => {
    const running = await begin(stage, label, { ...scenario, activities: () => activities });
    await meanwhile(running);
    await ended(running.handle);
    return { [`MinerWorkflow/${name}`]: { workflowId: running.handle.workflowId } };
  },
});

const broken = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('another attempt would give the same', 'OST_HTTP_UNKNOWN_GROUP');
};

/** How a miner's runs end where a healthy subnet does not show it. */
export const minerScenes: readonly Scene[] = [
  scene('submitted-last', {}),
  scene('submitted-no-verdict', { fetchVerdict: async () => ({ kind: 'not_yet' }) }, async ({ notes, chain }) => {
    await until(() => notes.length > 0);
    chain.allow(100);
  }),
  scene('refused', {
    uploadSubmission: async () => ({ kind: 'refused', code: 'OST_SUBMISSION_DUPLICATE', detail: 'one is there' }),
  }),
  {
    label: 'miner-untrained',
    play: async (stage, label) => {
      let asked = 0;
      // No trainer is there in the phase, and none has anything after it.
      const gone = called(() => (asked++ === 0 ? untilCancelled() : Promise.reject(new Error('nothing there'))));
      const running = await begin(stage, label, { activities: () => ({ trainGroup: gone.run }) }, 2);
      await gone.promise;
      running.chain.allow(27);
      await until(() => running.nexts.length === 2);
      await running.handle.terminate('shown');
      const { workflowId, firstExecutionRunId: runId } = running.handle;
      return { 'MinerWorkflow/missed-untrained': { workflowId, runId } };
    },
  },
  scene('missed-signature', {}, undefined, { verdict: ({ deadline }) => (deadline === 32 ? 'late' : 'already') }),
  scene('missed-hash', {}, undefined, { verdict: ({ deadline }) => (deadline === 36 ? 'late' : 'already') }),
  scene('missed-upload', { uploadSubmission: () => untilCancelled() }, async ({ uploads, chain }) => {
    await until(() => uploads.length > 0);
    chain.allow(44);
  }),
  scene('missed-step-failed', { downloadSlice: broken }),
  {
    label: 'miner-cancelled',
    play: async (stage, label) => {
      const training = called(() => untilCancelled());
      const { handle } = await begin(stage, label, { activities: () => ({ trainGroup: training.run }) });
      await training.promise;
      await handle.cancel();
      await ended(handle);
      return { 'MinerWorkflow/cancelled': { workflowId: handle.workflowId } };
    },
  },
  scene('failed', { planMiner: broken }),
];
