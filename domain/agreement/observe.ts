import type { CycleRecord, SubmissionRecord } from '../cycle-record.ts';
import type { Hotkey } from '../units.ts';
import type { AgreedValue, AgreementSummary } from './record.ts';

/**
 * The submissions as the score rule sees them: where the validators agreed on a miner, their value takes the place of
 * the validator's own observation of this cycle, whatever that was. So all that heard the same tables observe the same,
 * and what their scores still differ by is their past.
 *
 * Losses are shown as the agreed ones, for rules that compare drops. Whose copy it is was part of each one's vote and
 * is not judged once more.
 */
export function observedSubmissions(
  submissions: readonly SubmissionRecord[],
  agreement: Pick<AgreementSummary, 'values'> | null | undefined,
): readonly SubmissionRecord[] {
  if (agreement == null || agreement.values.length === 0) return submissions;
  const agreed = new Map<Hotkey, AgreedValue>(agreement.values.map((value) => [value.hotkey, value]));
  return submissions.map((row) => {
    const value = agreed.get(row.hotkey);
    return value === undefined ? row : observed(row, value);
  });
}

function observed(row: SubmissionRecord, { w, lossBefore }: AgreedValue): SubmissionRecord {
  const { copyOf: _, ...own } = row;
  // Any two equal losses are no drop.
  const before = lossBefore ?? 1;
  return {
    ...own,
    outcome: 'ok',
    reason: null,
    detail: null,
    lossBefore: before,
    lossAfter: before * (1 - w),
    w,
    agreed: true,
  };
}

/** A cycle with its submissions as they were observed. */
export const observedCycle = <C extends Pick<CycleRecord, 'submissions' | 'agreement'>>(cycle: C): C => ({
  ...cycle,
  submissions: observedSubmissions(cycle.submissions, cycle.agreement),
});
