import { cancellationSignal } from '@temporalio/activity';
import { replaceGroup } from '../../adapters/model/parts.ts';
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
  ({ store, models, evaluator, evaluationTimeoutMs, log }: ValidatorDeps): SubmissionActivities['evaluateSubmission'] =>
  async ({ hotkey, digest, group, model, batch }) => {
    try {
      const base = models.paths(await models.manifest(model.manifest));
      const candidate = replaceGroup(base, group, store.path(digest));
      const rows = batch.rows.map((row) => ({ group, row }));
      const job = { group, rows, batchSize: batch.batchSize, timeoutMs: evaluationTimeoutMs };
      log.info({ event: 'evaluation_started', hotkey, group }, `Downloading checkpoint: ${hotkey} group ${group}`);
      const compared = { ...job, parts: candidate };
      const { before, after } = await beating(() => evaluator.compare(compared, base, cancellationSignal()));
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
    } catch (error) {
      if (isOstinatoError(error) && error.fault === 'miner') return minerFault('shape', error.message);
      throw error;
    }
  };
