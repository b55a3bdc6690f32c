import type { CycleResult, ModelRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import { byHotkey } from '../../domain/order.ts';
import { improving } from '../../domain/proof-of-loss.ts';
import type { Roster } from '../../domain/roster.ts';
import { type CycleContext, cycleActivities, rangeOf } from './context.ts';

export interface Merged {
  readonly model: ModelRecord;
  readonly heldOut: { readonly before: number; readonly after: number } | null;
  readonly result: CycleResult;
}

/**
 * Takes the outer step on what improved the model, and publishes the new model. Nothing improved: the model stays,
 * and the result says why.
 */
export async function mergeModel(
  context: CycleContext,
  roster: Roster,
  submissions: readonly SubmissionRecord[],
  abstained: boolean,
): Promise<Merged> {
  const { plan } = context;
  const { device } = cycleActivities(context.queues);
  const accepted = improving(submissions, roster.assigned).flatMap(({ digest, hotkey, group }) =>
    digest === null ? [] : [{ hotkey, group, digest }],
  );
  if (abstained || accepted.length === 0) {
    const result = abstained ? 'abstained' : submissions.length === 0 ? 'no_submissions' : 'no_improvement';
    return { model: plan.model, heldOut: null, result };
  }
  const merging = {
    model: plan.model,
    accepted: accepted.toSorted(byHotkey),
    outer: plan.outer,
    version: rangeOf(context, 'MinerCommit1').start,
  };
  const model = await device.mergeSubmissions.executeWithOptions({ summary: `${accepted.length} submissions` }, [
    merging,
  ]);
  const { batches } = roster;
  const lossOf = (which: string, judged: ModelRecord) =>
    device.evaluateModel.executeWithOptions({ summary: `${which} ${judged.hash}` }, [{ model: judged, batches }]);
  const before = await lossOf('before', plan.model);
  const after = await lossOf('after', model);
  await device.publishModel.executeWithOptions({ summary: model.hash }, [{ model }]);
  return { model, heldOut: { before: before.mean, after: after.mean }, result: 'completed' };
}
