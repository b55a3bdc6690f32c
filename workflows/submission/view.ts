import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import type { SubmissionInput } from '../../domain/submission.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';

/** What a stranger sees of a submission in the Temporal UI. */
export class SubmissionView {
  readonly #input: SubmissionInput;

  constructor(input: SubmissionInput) {
    this.#input = input;
  }

  show(step: string): void {
    setCurrentDetails([...this.#head(), '', `**Now:** ${step}`].join('\n'));
  }

  end(record: SubmissionRecord): SubmissionRecord {
    const why = record.reason === null ? '' : ` (${record.reason}: ${record.detail ?? ''})`;
    const losses =
      record.lossBefore === null || record.lossAfter === null || record.w === null
        ? []
        : [
            '',
            `- loss of the base: ${record.lossBefore.toFixed(4)}`,
            `- loss of the submission: ${record.lossAfter.toFixed(4)}`,
            `- **w_i = max(0, (before − after) / before) = ${record.w.toFixed(4)}**`,
          ];
    setCurrentDetails([...this.#head(), '', `**Outcome:** ${record.outcome}${why}`, ...losses].join('\n'));
    upsertSearchAttributes([
      { key: keys.outcome, value: record.outcome },
      { key: keys.reason, value: record.reason ?? 'none' },
      { key: keys.expertGroup, value: record.group },
    ]);
    log.info(`Submission of ${record.hotkey} group ${record.group}: ${record.outcome}${why}`, {
      event: 'submission_settled',
      hotkey: record.hotkey,
      uid: record.uid,
      group: record.group,
      cycle: this.#input.cycle,
      outcome: record.outcome,
      reason: record.reason,
      lossBefore: record.lossBefore,
      lossAfter: record.lossAfter,
      w: record.w,
    });
    return record;
  }

  #head(): readonly string[] {
    const { entry, validator, cycle, window, model, batch } = this.#input;
    const { hotkey, uid, group, modelHash, commitBlock } = entry;
    return [
      `Miner \`${hotkey}\` (uid ${uid}), expert group ${group < 0 ? 'unknown' : group}, cycle ${cycle} of validator \`${validator}\``,
      '',
      `- committed hash: ${modelHash === null ? 'none of use' : `\`${modelHash}\``}, block ${commitBlock}`,
      `- file taken in blocks ${window.start}–${window.end}`,
      ...(entry.fault === null
        ? [`- to be judged on ${batch.rows.length} held-out rows of group ${group}, against model \`${model.hash}\``]
        : []),
    ];
  }
}
