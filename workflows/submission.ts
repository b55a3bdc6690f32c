import {
  ActivityFailure,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { PulledFile, ReceivedFile, SubmissionActivities } from '../activities/submission/activities.ts';
import type { SubmissionRecord } from '../domain/cycle-record.ts';
import type { Outcome } from '../domain/outcome.ts';
import { elsewhereReasons, relativeDrop } from '../domain/proof-of-loss.ts';
import { emptySubmission, type SubmissionInput } from '../domain/submission.ts';
import { blocks } from '../domain/units.ts';
import { textOf } from '../temporal/failures.ts';
import { queuesOf } from '../temporal/ids.ts';
import { presets } from '../temporal/presets.ts';
import { BlockClock } from './shared/block-clock.ts';
import { fetchedAgain, type StoredFile } from './submission/lost-file.ts';
import { fileOfPeer } from './submission/peer-file.ts';
import { pulledFile, pulledUnlessPushed } from './submission/pulled-file.ts';
import { SubmissionView } from './submission/view.ts';

/** The model server took a file of this miner. Only a hint: the ledger is what counts. */
export const submissionReceived = defineSignal<[ReceivedFile]>('submissionReceived');

/** The steps of a submission, each with the reason that its record gets where we could not do it. */
type OwnFault = 'ledger' | 'transfer' | 'verifier' | 'evaluator';

/**
 * One miner's submission in one cycle: receive, or fetch from where the miner says or from the validator that received
 * it, verify, evaluate. It ends in an outcome, whatever happens: what is cancelled, because the parent's time is over,
 * and what our own process could not do after all its attempts, is our fault and not the miner's.
 */
export async function SubmissionWorkflow(input: SubmissionInput): Promise<SubmissionRecord> {
  let received: ReceivedFile | null = null;
  setHandler(submissionReceived, (file) => {
    received = file;
  });
  const { entry } = input;
  const view = new SubmissionView(input);
  let held = emptySubmission(entry, workflowInfo().workflowId);
  if (entry.fault !== null || entry.modelHash === null) {
    const fault = entry.fault ?? { reason: 'no_hash', detail: 'no model hash on chain' };
    return view.end({ ...held, outcome: 'miner_fault', ...fault });
  }
  const { hotkey, group, modelHash } = entry;
  const queues = queuesOf('validator', input.validator);
  const store = proxyActivities<SubmissionActivities>({ ...presets.ledger, taskQueue: queues.ledger });
  const bytes = proxyActivities<SubmissionActivities>({ ...presets.transfer, taskQueue: queues.transfer });
  const device = proxyActivities<SubmissionActivities>({ ...presets.evaluate, taskQueue: queues.gpu });

  const summary = `uid ${entry.uid}, group ${group}`;
  let step: OwnFault = 'ledger';
  const judge = async (file: StoredFile, isAgain = false): Promise<SubmissionRecord> => {
    const { digest } = file;
    held = { ...held, digest, bytes: file.bytes };

    view.show('verifying the file');
    step = 'verifier';
    const verified = await bytes.verifySubmission.executeWithOptions({ summary: `hash ${modelHash.slice(0, 12)}…` }, [
      { digest, modelHash, group, model: input.model, seed: input.seed },
    ]);
    if (verified.kind !== 'ok') {
      const again = isAgain || verified.reason !== 'artifact_missing' ? null : await fetchedAgain(input, file, view);
      return again === null ? view.end({ ...held, ...failed(verified) }) : judge(again, true);
    }
    const { sketch } = verified.value;
    held = { ...held, ...(sketch === null ? {} : { sketch }) };

    view.show('evaluating');
    step = 'evaluator';
    const { model, batch } = input;
    const judged = await device.evaluateSubmission.executeWithOptions(
      { summary: `${summary}, ${batch.rows.length} held-out rows` },
      [{ hotkey, digest, group, model, batch }],
    );
    if (judged.kind !== 'ok') {
      const again = isAgain || judged.reason !== 'artifact_missing' ? null : await fetchedAgain(input, file, view);
      return again === null ? view.end({ ...held, ...failed(judged) }) : judge(again, true);
    }
    const { before, after } = judged.value;
    return view.end({ ...held, outcome: 'ok', lossBefore: before, lossAfter: after, w: relativeDrop(before, after) });
  };
  const { artifact } = entry;
  try {
    if (input.source.kind === 'peer') {
      if (artifact.kind !== 'pushed') {
        view.show('fetching the file from the miner');
        const pulled = await pulledFile(input, { location: artifact, modelHash, keep: false });
        if (pulled.kind === 'file') return await judge(pulled.file);
      }
      view.show(`asking validator ${input.source.validator} for the file`);
      const answer = await fileOfPeer(input, input.source);
      if (answer.kind === 'absent') return view.end({ ...held, ...elsewhere('absent', answer.detail) });
      return await judge({ digest: answer.digest, bytes: answer.bytes });
    }
    view.show('waiting for the file');
    const search = { cycle: input.cycle, hotkey, window: input.window };
    const early = await store.findSubmission.executeWithOptions({ summary }, [search]);
    received = early.file ?? received;
    let pulled: PulledFile | null = null;
    if (received === null && artifact.kind !== 'pushed') {
      view.show('fetching the file from the miner');
      step = 'transfer';
      const pull = { location: artifact, modelHash, keep: true };
      pulled = await pulledUnlessPushed(input, pull, () => received !== null);
      if (pulled?.kind === 'file') return await judge(pulled.file);
      step = 'ledger';
    } else if (received === null) {
      const clock = new BlockClock(queues.chain, input.blockTimeMs);
      const over = clock.reach(blocks(input.window.end + 1), 'the Submission phase ends');
      await Promise.race([condition(() => received !== null), over]);
    }
    // Asked again where no signal came: the model server may have died between its entry in the ledger and the signal.
    const last =
      received === null ? await store.findSubmission.executeWithOptions({ summary }, [search]) : { file: received };
    if (last.file === null) {
      return view.end({ ...held, ...(pulled === null ? nothingCame(last.served) : notPulled(pulled)) });
    }
    return await judge(last.file);
  } catch (error) {
    if (isCancellation(error)) {
      const detail = 'not judged before Merge began';
      const late = input.source.kind === 'own' ? ours('deadline', detail) : elsewhere('noTime', detail);
      return view.end({ ...held, ...late });
    }
    // Anything else is a mistake in this code, and waits for its correction.
    if (!(error instanceof ActivityFailure)) throw error;
    return view.end({ ...held, ...ours(step, textOf(error)) });
  }
}

type Verdict = Pick<SubmissionRecord, 'outcome' | 'reason' | 'detail'>;

const failed = ({ kind, reason, detail }: Exclude<Outcome<unknown>, { kind: 'ok' }>): Verdict => ({
  outcome: kind,
  reason,
  detail,
});

const ours = (reason: OwnFault | 'deadline', detail: string): Verdict => ({ outcome: 'our_fault', reason, detail });

/** What no verdict on a miner of another validator comes to: nobody's fault. */
const elsewhere = (why: keyof typeof elsewhereReasons, detail: string): Verdict => ({
  outcome: 'unknown',
  reason: elsewhereReasons[why],
  detail,
});

const notPulled = (pulled: Exclude<PulledFile, { readonly kind: 'file' }>): Verdict => {
  const { detail } = pulled;
  if (pulled.kind === 'later') return { outcome: 'unknown', reason: 'unreachable', detail };
  return { outcome: 'miner_fault', reason: pulled.kind === 'not_there' ? 'not_there' : pulled.reason, detail };
};

const nothingCame = (served: boolean): Verdict =>
  served
    ? { outcome: 'miner_fault', reason: 'no_submission', detail: 'committed, but sent no file in time' }
    : { outcome: 'unknown', reason: 'server_absent', detail: 'our model server was not there all the time' };
