import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';

type History = temporal.api.history.v1.IHistory;

export interface Recorded {
  /** `<WorkflowType>/<scenario>`. */
  readonly name: string;
  readonly json: string;
  readonly events: number;
}

/** Which history shows what; the first workflow run that fits is recorded. */
const scenarios: readonly {
  readonly name: string;
  readonly namespace: RegExp;
  readonly fits: (story: Story) => boolean;
}[] = [
  { name: 'CycleWorkflow/completed', namespace: /^validator/, fits: ({ finished }) => finished === 'completed' },
  {
    name: 'CycleWorkflow/no_submissions',
    namespace: /^validator/,
    fits: ({ finished }) => finished === 'no_submissions',
  },
  { name: 'SubmissionWorkflow/ok', namespace: /^validator/, fits: ({ outcome }) => outcome === 'ok' },
  { name: 'SubmissionWorkflow/miner_fault', namespace: /^validator/, fits: ({ outcome }) => outcome === 'miner_fault' },
  { name: 'MergeWorkflow/merged', namespace: /^validator/, fits: () => true },
  { name: 'ChainWriterWorkflow/validator', namespace: /^validator/, fits: () => true },
  { name: 'ChainWriterWorkflow/miner', namespace: /^miner-bob/, fits: () => true },
  { name: 'MinerWorkflow/submitted', namespace: /^miner-bob/, fits: ({ mined }) => mined === 'submitted' },
  { name: 'MinerWorkflow/missed', namespace: /^miner-dave/, fits: ({ mined }) => mined === 'missed' },
];

/** What a history tells of its end. */
interface Story {
  /** Result of the cycle that a CycleWorkflow closed. */
  readonly finished: string | null;
  /** Outcome of a SubmissionWorkflow. */
  readonly outcome: string | null;
  /** Result of the cycle that a MinerWorkflow closed. */
  readonly mined: string | null;
}

const cycleSchema = z.object({ record: z.object({ result: z.string() }) });
const minedSchema = z.object({ result: z.string() });
const outcomeSchema = z.object({ outcome: z.string() });

/** Records every scenario that the workflows of a server show. */
export async function recordHistories(address: string): Promise<readonly Recorded[]> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaces } = await connection.workflowService.listNamespaces({});
    const recorded: Recorded[] = [];
    for (const scenario of scenarios) {
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

async function record(client: Client, { name, fits }: (typeof scenarios)[number]): Promise<Recorded> {
  const query = `WorkflowType = '${name.split('/')[0]}'`;
  // Visibility of an embedded server knows no other order than its own.
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query })) runs.push(run);
  runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  for (const { workflowId, runId } of runs) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    if (!fits(storyOf(history))) continue;
    const json = `${JSON.stringify({ workflowId, ...anonymous(JSON.parse(historyToJSON(history))) }, null, 1)}\n`;
    return { name, json, events: history.events?.length ?? 0 };
  }
  throw new Error(`no workflow shows ${name}`);
}

function storyOf({ events }: History): Story {
  const inputs = (type: string) =>
    (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === type ? [decoded(scheduled.input)] : [],
    );
  const result = decoded(events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result);
  const finished = inputs('finishCycle').map((input) => cycleSchema.safeParse(input).data?.record.result ?? null);
  const mined = inputs('noteCycle').map((input) => minedSchema.safeParse(input).data?.result ?? null);
  return {
    finished: finished.at(-1) ?? null,
    outcome: outcomeSchema.safeParse(result).data?.outcome ?? null,
    mined: mined.at(-1) ?? null,
  };
}

function decoded(payloads: temporal.api.common.v1.IPayloads | null | undefined): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data == null || data.length === 0 ? null : JSON.parse(Buffer.from(data).toString('utf8'));
}

const machine = new Set(['identity', 'stackTrace', 'binaryChecksum']);

/** Without what tells where it was recorded; replaying asks for none of it. */
function anonymous<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key: string, each: unknown) => (machine.has(key) ? undefined : each)) as T;
}
