import { existsSync } from 'node:fs';
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { idle } from './death.ts';

/** Activities that do nothing until a block comes. */
const waitingForBlocks: ReadonlySet<string> = new Set([
  'awaitBlock',
  'awaitNewModel',
  'confirmExtrinsic',
  'confirmFinality',
  'submitExtrinsic',
  'watchReveal',
]);

/** Those of a writer that a workflow may wait for instead of waiting for a block itself. */
const writing: ReadonlySet<string> = new Set(['awaitBlock', 'confirmExtrinsic', 'submitExtrinsic']);

/** Of Temporal's numbers: a workflow that runs, a pending activity that was begun. */
const running = 1;
const started = 2;

/** A role's workflows: the one of its cycle, and its writer. */
export interface RoleWorkflows {
  readonly client: Client;
  readonly root: string;
  readonly writer: string;
}

type Raw = WorkflowExecutionDescription['raw'];

async function look(client: Client, workflowId: string): Promise<Raw | null> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).raw;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

const isOpen = (raw: Raw | null): raw is Raw => raw?.workflowExecutionInfo?.status === running;

const activitiesOf = (raw: Raw): readonly string[] =>
  (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');

/** A workflow and its children, with the ids that they have. */
async function family(client: Client, workflowId: string): Promise<readonly (readonly [string, Raw])[]> {
  const raw = await look(client, workflowId);
  if (!isOpen(raw)) return [];
  const children = await Promise.all(
    // The writer outlives whoever started it, and is looked at by its own name.
    (raw.pendingChildren ?? [])
      .filter(({ workflowTypeName }) => workflowTypeName !== 'ChainWriterWorkflow')
      .map(({ workflowId: child }) => family(client, child ?? '')),
  );
  return [[workflowId, raw], ...children.flat()];
}

/** How a role's workflows are at this moment. */
export interface Glance {
  /** Everything that could be done without a block is done. */
  readonly resting: boolean;
  /** A writer just looks around, or thinks of what it saw: whether anything is asked of it the next glance tells. */
  readonly unclear: boolean;
  /** Changes when anything does. */
  readonly state: string;
}

/**
 * Looks at a role's workflows. What a dead worker had in hand is given back on the way: Temporal would do the same when
 * the activity's timeout is over, and a matrix has no time for that.
 */
export async function glance({ client, root, writer }: RoleWorkflows): Promise<Glance> {
  const [own, theWriter] = await Promise.all([family(client, root), family(client, writer)]);
  const all = [...own, ...theWriter];
  let calm = own.every(([, raw]) => raw.pendingWorkflowTask == null);
  for (const [workflowId, raw] of all) {
    for (const { activityId, activityType, state, lastWorkerIdentity } of raw.pendingActivities ?? []) {
      const isBegun = state === started;
      if (isBegun && isDead(lastWorkerIdentity ?? '')) {
        await giveBack(client, workflowId, raw.workflowExecutionInfo?.execution?.runId ?? '', activityId ?? '');
        calm = false;
      }
      const name = activityType?.name ?? '';
      if (idle.has(name)) continue;
      if (!isBegun || !waitingForBlocks.has(name)) calm = false;
    }
  }
  const waits = own.some(([id, raw]) => id === root && activitiesOf(raw).some((name) => waitingForBlocks.has(name)));
  const writes = theWriter.some(([, raw]) => activitiesOf(raw).some((name) => writing.has(name)));
  const state = JSON.stringify([
    own.map(([id, raw]) => [id, raw.workflowExecutionInfo?.historyLength?.toString(), activitiesOf(raw)]),
    theWriter.map(([, raw]) => activitiesOf(raw).filter((name) => !idle.has(name))),
  ]);
  const unclear = theWriter.some(
    ([, raw]) => raw.pendingWorkflowTask != null || activitiesOf(raw).some((name) => idle.has(name)),
  );
  return { resting: calm && (waits || writes), unclear, state };
}

/** Workers are called `role@host:pid`. */
const isDead = (identity: string): boolean => {
  const pid = identity.split(':').at(-1) ?? '';
  return /^\d+$/.test(pid) && !existsSync(`/proc/${pid}`);
};

async function giveBack(client: Client, workflowId: string, runId: string, activityId: string): Promise<void> {
  const { namespace } = client.options;
  try {
    await client.workflowService.respondActivityTaskFailedById({
      ...{ namespace, workflowId, runId, activityId, identity: 'faults' },
      failure: { message: 'its worker is gone', applicationFailureInfo: { type: 'WorkerGone', nonRetryable: false } },
    });
  } catch {
    // It came to its end between the look and now.
  }
}
