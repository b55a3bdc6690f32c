import { cancellationSignal } from '@temporalio/activity';
import { replaceGroup } from '../../adapters/model/parts.ts';
import { missingFiles } from '../../adapters/published-model/missing-files.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { minerFault, ok, ourFault } from '../../domain/outcome.ts';
import { relativeDrop } from '../../domain/proof-of-loss.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { SubmissionActivities } from './activities.ts';

/**
 * Proof of loss: the base and the submission on the same rows of the group's held-out slice. The base's losses are
 * computed once and kept by the evaluator. What the child process cannot do (memory, time) is retried as our fault;
 * what the file is to blame for is an outcome.
 */
export const evaluateSubmission =
  (deps: ValidatorDeps): SubmissionActivities['evaluateSubmission'] =>
  async (input) => {
    const { store, log } = deps;
    const { hotkey, digest, group } = input;
    const release = await store.hold(digest);
    try {
      log.info({ event: 'evaluation_started', hotkey, group }, `Downloading checkpoint: ${hotkey} group ${group}`);
      return await compare(deps, input);
    } catch (error) {
      // Asked before anybody is blamed: a file that vanished from our own disk makes all sorts of errors.
      const lost = cancellationSignal().aborted ? null : await whatIsLost(deps, input);
      if (lost !== null) return ourFault('artifact_missing', lost);
      if (isOstinatoError(error) && error.fault === 'miner') return minerFault('shape', error.message);
      throw error;
    } finally {
      release();
    }
  };

type Input = Parameters<SubmissionActivities['evaluateSubmission']>[0];

async function compare(
  { store, models, evaluator, evaluationTimeoutMs, log }: ValidatorDeps,
  { hotkey, digest, group, model, batch }: Input,
): ReturnType<SubmissionActivities['evaluateSubmission']> {
  const base = models.paths(await models.manifest(model.manifest));
  const parts = replaceGroup(base, group, store.path(digest));
  const rows = batch.rows.map((row) => ({ group, row }));
  const job = { group, rows, batchSize: batch.batchSize, timeoutMs: evaluationTimeoutMs, parts };
  const { before, after } = await beating(() => evaluator.compare(job, base, cancellationSignal()));
  // Without a baseline there is no verdict: the originals took 100 for it, and everybody won.
  if (before.nonFinite > 0) return ourFault('baseline', `the base has no finite loss on ${before.nonFinite} rows`);
  if (after.nonFinite > 0) {
    return minerFault('non_finite_loss', `${after.nonFinite} of ${rows.length} rows have no finite loss`);
  }
  const w = relativeDrop(before.mean, after.mean) ?? 0;
  log.info(
    { event: 'evaluated', hotkey, group, lossBefore: before.mean, lossAfter: after.mean, w },
    `Evaluating ${hotkey} | loss_before: ${before.mean.toFixed(3)} | loss_after: ${after.mean.toFixed(3)} | w_i: ${w.toFixed(3)}`,
  );
  return ok({ before: before.mean, after: after.mean });
}

async function whatIsLost({ store, models }: ValidatorDeps, { digest, model }: Input): Promise<string | null> {
  const manifest = await models.manifest(model.manifest).catch((error: unknown) => {
    if (isOstinatoError(error, 'OST_ARTIFACT_MISSING')) return null;
    throw error;
  });
  if (manifest === null) return `the manifest ${model.manifest} is missing in our store`;
  const lost = [...((await store.has(digest)) ? [] : [digest]), ...(await missingFiles(manifest, store))];
  return lost.length === 0 ? null : `${lost.length} files are missing in our store, among them ${lost[0]}`;
}
