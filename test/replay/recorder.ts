import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { missedBecause } from '../../domain/miner-plan.ts';
import { endsShown, isWorkflowType, type WorkflowType } from './ends.ts';
import { historyText } from './history-text.ts';
import { storyOf } from './story.ts';

export interface Recorded {
  /** `<WorkflowType>/<scenario>`. */
  readonly name: string;
  readonly json: string;
  readonly events: number;
}

/** Which history shows what; the first workflow run that shows it is recorded. */
export const demoScenarios: readonly {
  readonly name: `${WorkflowType}/${string}`;
  readonly namespace: RegExp;
  /** Of the ends of its type; any run will do where left out. */
  readonly end?: string;
}[] = [
  { name: 'CycleWorkflow/completed', namespace: /^validator/, end: 'completed' },
  { name: 'CycleWorkflow/no_submissions', namespace: /^validator/, end: 'no_submissions' },
  { name: 'SubmissionWorkflow/ok', namespace: /^validator/, end: 'ok: pushed' },
  { name: 'SubmissionWorkflow/miner_fault', namespace: /^validator/, end: 'miner_fault: no_submission' },
  { name: 'MergeWorkflow/merged', namespace: /^validator/, end: 'merged: the only validator' },
  { name: 'ChainWriterWorkflow/validator', namespace: /^validator/ },
  { name: 'ChainWriterWorkflow/miner', namespace: /^miner-bob/ },
  { name: 'MinerWorkflow/submitted', namespace: /^miner-bob/, end: 'submitted' },
  { name: 'MinerWorkflow/missed', namespace: /^miner-dave/, end: `missed: ${missedBecause.untaken}` },
];

/** Records every scenario that the workflows of a server show. */
export async function recordHistories(address: string): Promise<readonly Recorded[]> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaces } = await connection.workflowService.listNamespaces({});
    const recorded: Recorded[] = [];
    for (const scenario of demoScenarios) {
      const name = namespaces
        .map(({ namespaceInfo }) => namespaceInfo?.name ?? '')
        .find((each) => scenario.namespace.test(each));
      if (name === undefined) throw new Error(`no namespace ${scenario.namespace.source}`);
      recorded.push(await record(new Client({ connection, namespace: name }), scenario));
    }
    return recorded;
  } finally {
    await connection.close();
  }
}

async function record(client: Client, { name, end }: (typeof demoScenarios)[number]): Promise<Recorded> {
  const type = name.split('/')[0] ?? '';
  if (!isWorkflowType(type)) throw new Error(`no workflow type ${type}`);
  // Visibility of an embedded server knows no other order than its own.
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowType = '${type}'` })) runs.push(run);
  runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  for (const { workflowId, runId } of runs) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    if (end !== undefined && !endsShown(type, storyOf(history)).includes(end)) continue;
    return { name, json: historyText(workflowId, history), events: history.events?.length ?? 0 };
  }
  throw new Error(`no workflow shows ${name}`);
}
