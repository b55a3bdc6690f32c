import { condition, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ReceivedFile, SubmissionActivities } from '../activities/submission/activities.ts';
import type { SubmissionRecord } from '../domain/cycle-record.ts';
import type { Outcome } from '../domain/outcome.ts';
import { relativeDrop } from '../domain/proof-of-loss.ts';
import { emptySubmission, type SubmissionInput } from '../domain/submission.ts';
import { blocks } from '../domain/units.ts';
import { queuesOf } from '../temporal/ids.ts';
import { presets } from '../temporal/presets.ts';
import { BlockClock } from './shared/block-clock.ts';
import { SubmissionView } from './submission/view.ts';

/** The model server took a file of this miner. Only a hint: the ledger is what counts. */
export const submissionReceived = defineSignal<[ReceivedFile]>('submissionReceived');

/**
 * One miner's submission in one cycle: receive, verify, evaluate. It ends in an outcome, whatever happens; its
 * parent cancels it where the time is over, and then what is unfinished is our fault and not the miner's.
 */
export async function SubmissionWorkflow(input: SubmissionInput): Promise<SubmissionRecord> {
  let received: ReceivedFile | null = null;
  setHandler(submissionReceived, (file) => {
    received = file;
  });
  const { entry } = input;
  const view = new SubmissionView(input);
  const empty = emptySubmission(entry, workflowInfo().workflowId);
  const end = (record: SubmissionRecord): SubmissionRecord => view.end(record);

  if (entry.fault !== null || entry.modelHash === null) {
    const fault = entry.fault ?? { reason: 'no_hash', detail: 'no model hash on chain' };
    return end({ ...empty, outcome: 'miner_fault', ...fault });
  }
  const queues = queuesOf('validator', input.validator);
  const store = proxyActivities<SubmissionActivities>({ ...presets.ledger, taskQueue: queues.ledger });
  const bytes = proxyActivities<SubmissionActivities>({ ...presets.transfer, taskQueue: queues.transfer });
  const device = proxyActivities<SubmissionActivities>({ ...presets.evaluate, taskQueue: queues.gpu });

  view.show('waiting for the file');
  const search = { cycle: input.cycle, hotkey: entry.hotkey, window: input.window };
  const early = await store.findSubmission(search);
  received = early.file ?? received;
  if (received === null) {
    const clock = new BlockClock(queues.chain, input.blockTimeMs);
    const over = clock.reach(blocks(input.window.end + 1), 'the Submission phase ends');
    await Promise.race([condition(() => received !== null), over]);
  }
  // Asked again where no signal came: the model server may have died between its entry in the ledger and the signal.
  const last = received === null ? await store.findSubmission(search) : { file: received };
  if (last.file === null) {
    return end(
      last.served
        ? { ...empty, outcome: 'miner_fault', reason: 'no_submission', detail: 'committed, but sent no file in time' }
        : {
            ...empty,
            outcome: 'unknown',
            reason: 'server_absent',
            detail: 'our model server was not there all the time',
          },
    );
  }
  const file = last.file;
  const held = { ...empty, digest: file.digest, bytes: file.bytes };

  view.show('verifying the file');
  const { digest } = file;
  const { modelHash, group, hotkey } = { ...entry, modelHash: entry.modelHash };
  const verified = await bytes.verifySubmission({ digest, modelHash, group, model: input.model });
  if (verified.kind !== 'ok') return end(failed(held, verified));

  view.show('evaluating');
  const { model, batch } = input;
  const judged = await device.evaluateSubmission({ hotkey, digest, group, model, batch });
  if (judged.kind !== 'ok') return end(failed(held, judged));
  const { before, after } = judged.value;
  return end({ ...held, outcome: 'ok', lossBefore: before, lossAfter: after, w: relativeDrop(before, after) });
}

const failed = (record: SubmissionRecord, outcome: Exclude<Outcome<unknown>, { kind: 'ok' }>): SubmissionRecord => ({
  ...record,
  outcome: outcome.kind,
  reason: outcome.reason,
  detail: outcome.detail,
});
