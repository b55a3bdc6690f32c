import type { GuardInput } from '../../../activities/chain/guard.ts';
import type { WriteRequest } from '../../../domain/chain-write.ts';
import type { GuardVerdict } from '../../../domain/signed-write.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { queuesOf, weightsKey, writerId } from '../../../temporal/ids.ts';
import type { ChainWriterWorkflow } from '../../../workflows/chain-writer.ts';
import { requestWrite, resolveForeign, writerStatus } from '../../../workflows/writer/messages.ts';
import { validatorScenario } from '../../workflows/fakes/validator.ts';
import { type Scene, type Stage, until } from './stage.ts';

async function begin({ validator }: Stage, label: string, guardWrite: (input: GuardInput) => GuardVerdict) {
  const { client, hotkey: own, queue } = validator;
  const settled: string[] = [];
  const { fakes } = validatorScenario({
    head: 20,
    allowed: 20,
    activities: {
      guardWrite: async (input) => guardWrite(input),
      recordWrite: async ({ key }) => void settled.push(key),
    },
  });
  validator.scripts.set(label, fakes);
  const handle = await client.workflow.start<typeof ChainWriterWorkflow>('ChainWriterWorkflow', {
    workflowId: writerId(label, own),
    taskQueue: queue,
    args: [{ chain: label, hotkey: own, queues: queuesOf('validator', own) }],
  });
  const ask = async (...requests: readonly WriteRequest[]): Promise<void> => {
    for (const request of requests) await handle.signal(requestWrite, request);
  };
  return { handle, ask, settled };
}

const head = { head: blocks(20), blockTimeMs: 0 } as const;
const already: GuardVerdict = { ...head, kind: 'already', block: blocks(20) };

const commitment = (text: string, deadline: number | null = null): WriteRequest => ({
  key: `commitment/${text}`,
  call: { kind: 'set_commitment', netuid: netuid(1), text },
  deadline: deadline === null ? null : blocks(deadline),
  replyTo: null,
});

const vector = (period: number): WriteRequest => ({
  key: weightsKey(1, 0, period),
  call: {
    kind: 'set_weights',
    netuid: netuid(1),
    mecid: 0,
    period: blocks(period),
    weights: [{ hotkey: hotkey('5Miner1'), weight: 65_535 }],
    versionKey: '0',
  },
  deadline: null,
  replyTo: null,
});

/** How writes and a writer's runs end where a healthy chain does not show it. */
export const writerScenes: readonly Scene[] = [
  {
    label: 'writes',
    play: async (stage, label) => {
      const { handle, ask, settled } = await begin(stage, label, ({ call, deadline }) => {
        if (deadline !== null) return { ...head, kind: 'late' };
        if (call.kind !== 'set_weights') return already;
        if (call.period === 3) return { ...head, kind: 'refused', code: 'OST_CHAIN_FATAL', detail: 'not permitted' };
        return { ...head, kind: 'wait', block: blocks(1_000), code: 'OST_CHAIN_RATE_LIMIT', detail: 'too early' };
      });
      await ask(commitment('here'), commitment('late', 10), vector(1));
      await until(async () => (await handle.query(writerStatus)).open.some(({ wait }) => wait !== null));
      await ask(vector(2), vector(3));
      await until(() => settled.length === 5);
      return { 'ChainWriterWorkflow/settled': { workflowId: handle.workflowId } };
    },
  },
  {
    label: 'retired',
    play: async (stage, label) => {
      const foreign = { what: 'nonce', detail: 'another’s', block: null, hash: null, head: blocks(20) } as const;
      const { handle, ask, settled } = await begin(stage, label, () => ({
        ...already,
        sighting: { nonce: 1, seen: {}, foreign },
      }));
      await ask(commitment('first'));
      await until(async () => (await handle.query(writerStatus)).stopped !== null);
      await handle.executeUpdate(resolveForeign, { args: ['other'] });
      await ask(commitment('second'));
      await until(() => settled.length === 2);
      return { 'ChainWriterWorkflow/retired': { workflowId: handle.workflowId } };
    },
  },
  {
    label: 'handedover',
    play: async (stage, label) => {
      const { handle, ask, settled } = await begin(stage, label, () => already);
      await ask(commitment('once'));
      await until(() => settled.length === 1);
      // Answered from what it remembers, without a step on the chain.
      await Promise.all(Array.from({ length: 100 }, () => ask(commitment('once'))));
      const { firstExecutionRunId: runId, workflowId } = handle;
      await until(async () => (await stage.validator.client.workflow.getHandle(workflowId).describe()).runId !== runId);
      return { 'ChainWriterWorkflow/handed-over': { workflowId, runId } };
    },
  },
  {
    label: 'writercancelled',
    play: async (stage, label) => {
      const { handle, ask, settled } = await begin(stage, label, () => already);
      await ask(commitment('once'));
      await until(() => settled.length === 1);
      await handle.cancel();
      await handle.result().catch(() => undefined);
      return { 'ChainWriterWorkflow/cancelled': { workflowId: handle.workflowId } };
    },
  },
];
