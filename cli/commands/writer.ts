import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { fail } from '../../domain/errors/error.ts';
import { codeOf } from '../../temporal/failures.ts';
import { writerId } from '../../temporal/ids.ts';
import { acknowledge, resolveForeign, writerStatus } from '../../workflows/writer/messages.ts';
import type { CommonOptions } from '../deployment.ts';
import { openCycle } from './cycle.ts';

type Write = (line: string) => void;

/** The writer workflow of a validator's directory. */
async function open(options: CommonOptions) {
  const { deployment, input, handle } = await openCycle(options);
  const { chain, hotkey } = input;
  return { deployment, hotkey, handle: await handle(writerId(chain, hotkey)) };
}

export async function writerShow(options: CommonOptions, write: Write): Promise<void> {
  const { deployment, hotkey, handle } = await open(options);
  await using _ = deployment;
  try {
    const { open: writes, committed, alarms, finished, stopped } = await handle.query(writerStatus);
    write(`Writer of ${hotkey}`);
    write(stopped === null ? 'Writing goes on.' : `Writing has stopped. ${stopped}`);
    for (const { key, code, detail } of alarms) write(`Alarm      ${key}  ${code}: ${detail}`);
    for (const { key, state } of writes) write(`Open       ${key}  ${state}`);
    for (const { key, road, block } of committed) write(`Committed  ${key}  ${road}, block ${block}`);
    for (const { key, outcome } of finished.slice(-10)) write(`Settled    ${key}  ${outcome}`);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    write(`The writer of ${hotkey} has not started yet: nothing was ever written.`);
  }
}

export async function writerResolve(which: 'this' | 'other', options: CommonOptions, write: Write): Promise<void> {
  const { deployment, hotkey, handle } = await open(options);
  await using _ = deployment;
  try {
    await handle.executeUpdate(resolveForeign, { args: [which] });
  } catch (error) {
    const stillWrites = error instanceof WorkflowUpdateFailedError && codeOf(error.cause) === 'OST_WRITER_NOT_STOPPED';
    if (!stillWrites && !(error instanceof WorkflowNotFoundError)) throw error;
    throw fail('OST_WRITER_NOT_STOPPED', { hotkey }, { cause: error });
  }
  write(which === 'this' ? 'This deployment goes on writing.' : 'This deployment writes no more for its hotkey.');
}

export async function writerAcknowledge(options: CommonOptions, write: Write): Promise<void> {
  const { deployment, handle } = await open(options);
  await using _ = deployment;
  const count = await handle.executeUpdate(acknowledge);
  write(`${count} ${count === 1 ? 'alarm' : 'alarms'} taken off`);
}
