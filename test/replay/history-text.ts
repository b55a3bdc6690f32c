import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

export type History = temporal.api.history.v1.IHistory;

const machine = new Set(['identity', 'stackTrace', 'binaryChecksum']);

/** A history as it is kept: the JSON of the protocol, without what tells where it was recorded; replaying asks for none of it. */
export function historyText(workflowId: string, history: History): string {
  const whole: unknown = { workflowId, ...(JSON.parse(historyToJSON(history)) as object) };
  return `${JSON.stringify(whole, (key: string, each: unknown) => (machine.has(key) ? undefined : each), 1)}\n`;
}
