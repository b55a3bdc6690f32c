import type { temporal } from '@temporalio/proto';
import type { History } from './history-text.ts';

/** How a run closed. */
export type Closing = 'completed' | 'continued as new' | 'cancelled' | 'failed' | 'terminated' | 'still open';

/** What a history tells of its run. */
export interface Story {
  readonly closing: Closing;
  /** Of a run that completed; else null. */
  readonly result: unknown;
  /** What activities of a type were asked, in order. */
  readonly asked: (type: string) => readonly unknown[];
}

export function storyOf({ events }: History): Story {
  const all = events ?? [];
  const last = all.at(-1);
  return {
    closing: last == null ? 'still open' : closingOf(last),
    result: decoded(last?.workflowExecutionCompletedEventAttributes?.result),
    asked: (type) =>
      all.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === type ? [decoded(scheduled.input)] : [],
      ),
  };
}

function closingOf(event: temporal.api.history.v1.IHistoryEvent): Closing {
  if (event.workflowExecutionCompletedEventAttributes != null) return 'completed';
  if (event.workflowExecutionContinuedAsNewEventAttributes != null) return 'continued as new';
  if (event.workflowExecutionCanceledEventAttributes != null) return 'cancelled';
  if (event.workflowExecutionFailedEventAttributes != null) return 'failed';
  return event.workflowExecutionTerminatedEventAttributes == null ? 'still open' : 'terminated';
}

function decoded(payloads: temporal.api.common.v1.IPayloads | null | undefined): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data == null || data.length === 0 ? null : JSON.parse(Buffer.from(data).toString('utf8'));
}
