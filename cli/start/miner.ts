import type { Client } from '@temporalio/client';
import type { MinerInput } from '../../domain/miner-plan.ts';
import { minerId, taskQueues } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { type Started, startedOrJoined } from './follow.ts';

/** Starts a miner's cycles, or leaves them as they are where they run already. */
export async function startMiner(client: Client, input: MinerInput): Promise<Started> {
  const workflowId = minerId(input.chain, input.netuid, input.hotkey);
  const starting = client.workflow.start('MinerWorkflow', {
    workflowId,
    taskQueue: taskQueues.workflows.miner,
    args: [input],
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: `miner ${input.hotkey} on subnet ${input.netuid}`,
    typedSearchAttributes: [
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.netuid, value: String(input.netuid) },
      { key: keys.role, value: 'miner' },
    ],
  });
  return startedOrJoined(workflowId, starting);
}
