import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';

export type History = temporal.api.history.v1.IHistory;

const historySchema = z.object({ events: z.array(z.unknown()) });
const machine = new Set(['identity', 'stackTrace', 'binaryChecksum']);

/**
 * A history as it is kept: the JSON of the protocol with one event a line, without what tells where it was recorded;
 * replaying asks for none of it.
 */
export function historyText(workflowId: string, history: History): string {
  const { events } = historySchema.parse(JSON.parse(historyToJSON(history)));
  const lines = events.map((event) =>
    JSON.stringify(event, (key: string, each: unknown) => (machine.has(key) ? undefined : each)),
  );
  return `{"workflowId":${JSON.stringify(workflowId)},"events":[\n${lines.join(',\n')}\n]}\n`;
}
