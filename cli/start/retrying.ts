import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

/** A step that failed and is tried again. */
export interface RetriedStep {
  readonly workflowId: string;
  /** The activity's type. */
  readonly activity: string;
  /** The attempt that runs, or waits to. */
  readonly attempt: number;
  /** The catalogue's code; null for what is no error of the catalogue. */
  readonly code: string | null;
  readonly message: string;
}

/** How many children are asked: each is a question to Temporal, and what keeps one from its work keeps them all. */
const mostChildren = 300;

/**
 * The steps of a running workflow and its children that failed and are tried again: a full disk, a peer that is away.
 */
export async function retriedSteps(
  { workflow }: Pick<Client, 'workflow'>,
  description: WorkflowExecutionDescription,
): Promise<readonly RetriedStep[]> {
  const children = (description.raw.pendingChildren ?? []).slice(0, mostChildren);
  const found = [...stepsOf(description)];
  for (const { workflowId, runId } of children) {
    if (workflowId == null) continue;
    const child = await workflow
      .getHandle(workflowId, runId ?? undefined)
      .describe()
      // It may have ended meanwhile, and is then no trouble any more.
      .catch(() => null);
    if (child !== null) found.push(...stepsOf(child));
  }
  return found;
}

const stepsOf = ({ workflowId, raw }: WorkflowExecutionDescription): readonly RetriedStep[] =>
  (raw.pendingActivities ?? []).flatMap(({ activityType, attempt, lastFailure }) =>
    lastFailure == null
      ? []
      : [
          {
            workflowId,
            activity: activityType?.name ?? 'unknown',
            attempt: attempt ?? 1,
            code: lastFailure.applicationFailureInfo?.type || null,
            message: lastFailure.message ?? '',
          },
        ],
  );
