import type { Client } from '@temporalio/client';
import type { CycleInput } from '../../domain/cycle-plan.ts';
import { cycleId, taskQueues } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { type Started, startedOrJoined } from './follow.ts';

/** Starts the validator's cycles, or leaves them as they are where they run already. */
export async function startCycle(client: Client, input: CycleInput): Promise<Started> {
  const workflowId = cycleId(input.chain, input.netuid, input.hotkey);
  const starting = client.workflow.start('CycleWorkflow', {
    workflowId,
    taskQueue: taskQueues.workflows.validator,
    args: [input],
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: `validator ${input.hotkey} on subnet ${input.netuid}`,
    typedSearchAttributes: [
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.netuid, value: String(input.netuid) },
      { key: keys.role, value: 'validator' },
    ],
  });
  return startedOrJoined(workflowId, starting);
}
