import type { Client } from '@temporalio/client';
import type { CycleInput } from '../../domain/cycle-plan.ts';
import { cycleId, taskQueues } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { type Started, startOrJoin } from './follow.ts';

/** Starts the validator's cycles, or leaves them as they are where they run already. */
export function startCycle(client: Client, input: CycleInput): Promise<Started> {
  return startOrJoin(client, 'CycleWorkflow', {
    workflowId: cycleId(input.chain, input.netuid, input.hotkey),
    taskQueue: taskQueues.workflows.validator,
    args: [input],
    staticSummary: `validator ${input.hotkey} on subnet ${input.netuid}`,
    typedSearchAttributes: [
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.netuid, value: String(input.netuid) },
      { key: keys.role, value: 'validator' },
    ],
  });
}
