import type { Client } from '@temporalio/client';
import type { MinerInput } from '../../domain/miner-plan.ts';
import { minerId, taskQueues } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { type Started, startOrJoin } from './follow.ts';

/** Starts a miner's cycles, or leaves them as they are where they run already. */
export function startMiner(client: Client, input: MinerInput): Promise<Started> {
  return startOrJoin(client, 'MinerWorkflow', {
    workflowId: minerId(input.chain, input.netuid, input.hotkey),
    taskQueue: taskQueues.workflows.miner,
    args: [input],
    staticSummary: `miner ${input.hotkey} on subnet ${input.netuid}`,
    typedSearchAttributes: [
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.netuid, value: String(input.netuid) },
      { key: keys.role, value: 'miner' },
    ],
  });
}
