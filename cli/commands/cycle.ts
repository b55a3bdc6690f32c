import { join } from 'node:path';
import { openLedger } from '../../adapters/ledger/open.ts';
import { loadConfig } from '../../config/load.ts';
import { fail } from '../../domain/errors/error.ts';
import { netuid } from '../../domain/units.ts';
import { connectClient } from '../../temporal/connect.ts';
import { chainLabel, cycleId, taskQueues } from '../../temporal/ids.ts';
import { type CommonOptions, OpenDeployment } from '../deployment.ts';
import { readIdentity } from '../identity.ts';
import { startCycle } from '../start/cycle.ts';
import { retriedSteps } from '../start/retrying.ts';

type Write = (line: string) => void;

/** What the commands about a validator's cycle begin with; it need not run. */
export async function openCycle(options: CommonOptions) {
  const deployment = new OpenDeployment('validator', loadConfig({ role: 'validator', ...options }), { quiet: true });
  const identity = await readIdentity(deployment.folder);
  if (identity === null) throw fail('OST_VALIDATOR_NEVER_RAN', { folder: deployment.folder });
  const input = {
    chain: chainLabel(identity.genesis),
    netuid: netuid(deployment.config.netuid),
    hotkey: identity.hotkey,
  };
  const workflowId = cycleId(input.chain, input.netuid, input.hotkey);
  return {
    deployment,
    input,
    workflowId,
    /** Of one of the validator's workflows; its cycle where left out. */
    async handle(id = workflowId) {
      const { client, connection } = await connectClient(await deployment.temporal(options.temporal));
      deployment.defer(() => connection.close());
      return client.workflow.getHandle(id);
    },
  };
}

export async function cycleStart(
  options: CommonOptions & { readonly cycles?: number; readonly print?: boolean },
  write: Write,
): Promise<void> {
  const { deployment, input, workflowId } = await openCycle(options);
  await using _ = deployment;
  const given = { ...input, ...(options.cycles === undefined ? {} : { cyclesLeft: options.cycles }) };
  const target = await deployment.temporal(options.temporal);
  if (options.print === true) {
    write(
      `temporal workflow start --address ${target.address} --namespace ${target.namespace} --type CycleWorkflow ` +
        `--task-queue ${taskQueues.workflows.validator} --workflow-id ${workflowId} --input '${JSON.stringify(given)}'`,
    );
    return;
  }
  const { client, connection } = await connectClient(target);
  deployment.defer(() => connection.close());
  if ((await startCycle(client, given)).joined) {
    write(`${workflowId} runs already in namespace ${target.namespace}`);
    return;
  }
  write(`Started ${workflowId} in namespace ${target.namespace}`);
  write('It waits for "ostinato validator" of the same directory, where that does not run yet.');
}

export async function cycleStatus(options: CommonOptions & { readonly last: number }, write: Write): Promise<void> {
  const { deployment, input, workflowId } = await openCycle(options);
  await using _ = deployment;
  const target = await deployment.temporal(options.temporal);
  const { client, connection } = await connectClient(target);
  deployment.defer(() => connection.close());
  const description = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  write(`Workflow  ${workflowId}`);
  if (description === null) write('State     not started; "ostinato cycle start" starts it');
  else {
    const phase = description.searchAttributes['Phase']?.[0] ?? 'unknown';
    const cycle = description.searchAttributes['CycleNumber']?.[0] ?? 'unknown';
    write(`State     ${description.status.name}, cycle ${cycle}, phase ${phase}`);
    if (target.uiUrl !== undefined) {
      write(`Page      ${target.uiUrl}/namespaces/${target.namespace}/workflows/${encodeURIComponent(workflowId)}`);
    }
    for (const step of await retriedSteps(client, description)) {
      const code = step.code === null ? '' : `${step.code}: `;
      write(`Retried   ${step.activity} of ${step.workflowId}, attempt ${step.attempt}: ${code}${step.message}`);
    }
  }
  const ledger = await openLedger({ file: join(deployment.folder, 'ledger.sqlite') });
  deployment.defer(() => ledger.close());
  for (const line of await ledger.cycles.list({ hotkey: input.hotkey, limit: options.last })) {
    write(
      `Cycle ${line.cycle}  blocks ${line.startBlock}–${line.endBlock}  ${line.result}  model ${line.modelAfter.hash}`,
    );
  }
}
