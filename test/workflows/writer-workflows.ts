import { condition, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import type { WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import { requestWrite, writeSettled } from '../../workflows/writer/messages.ts';

export { ChainWriterWorkflow } from '../../workflows/chain-writer.ts';

/** Stands for a cycle: asks the writer, waits for the answers and returns them by key. */
export async function AskerWorkflow(
  writer: string,
  requests: readonly WriteRequest[],
  replyTo: string,
): Promise<Readonly<Record<string, WriteOutcome>>> {
  const answers: Record<string, WriteOutcome> = {};
  setHandler(writeSettled, ({ key, outcome }) => {
    answers[key] = outcome;
  });
  const handle = getExternalWorkflowHandle(writer);
  for (const request of requests) await handle.signal(requestWrite, { ...request, replyTo });
  await condition(() => requests.every(({ key }) => answers[key] !== undefined));
  return answers;
}
