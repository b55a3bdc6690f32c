import { ActivityFailure } from '@temporalio/common';
import { log } from '@temporalio/workflow';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { statementOf } from '../../domain/peers/message.ts';
import { rootMessage } from '../../domain/verdict.ts';
import { textOf } from '../../temporal/failures.ts';
import { type CycleContext, cycleActivities } from './context.ts';

/**
 * Signs the root of a finished cycle and keeps the signature: the model server, which has no key, shows miners their
 * verdicts under it. The signing worker may be away; the next cycle does not wait for it, and this one's verdicts then
 * stay unsigned.
 */
export async function signRoot({ queues }: CycleContext, record: CycleRecord, root: string): Promise<void> {
  const { cycle } = record;
  const message = rootMessage(record, root);
  const { signer, ledger } = cycleActivities(queues);
  const summary = `root ${root}`;
  try {
    const { signature } = await signer.signMessage.executeWithOptions({ summary, scheduleToCloseTimeout: '1m' }, [
      { purpose: 'peer', statement: statementOf(message) },
    ]);
    await ledger.keepRoot.executeWithOptions({ summary }, [{ message: { ...message, signature } }]);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn(`The verdicts of cycle ${cycle} stay unsigned: ${textOf(error)}`, { event: 'root_unsigned', cycle });
  }
}
