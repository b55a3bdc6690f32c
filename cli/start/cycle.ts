import type { Client } from '@temporalio/client';
import type { CycleInput } from '../../domain/cycle-plan.ts';
import { cycleId, taskQueues } from '../../temporal/ids.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';

/** Starts the validator's cycles, or leaves them as they are where they run already. */
export async function startCycle(client: Client, input: CycleInput): Promise<{ readonly workflowId: string }> {
  const workflowId = cycleId(input.chain, input.netuid, input.hotkey);
  await client.workflow.start('CycleWorkflow', {
    workflowId,
    taskQueue: taskQueues.workflows.validator,
    args: [input],
    // The id is the lock: a second start joins the first.
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `validator ${input.hotkey} on subnet ${input.netuid}`,
    typedSearchAttributes: [
      { key: keys.hotkey, value: input.hotkey },
      { key: keys.netuid, value: String(input.netuid) },
      { key: keys.role, value: 'validator' },
    ],
  });
  return { workflowId };
}
