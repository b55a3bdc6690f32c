import { copiesAmong, copyText } from './copies.ts';
import type { CycleRecord, SubmissionRecord } from './cycle-record.ts';
import type { Hotkey } from './units.ts';

/**
 * w_i: how far a submission lowered the loss, relative to the base's on the same rows, never below 0. Null where it
 * cannot be told: a loss is missing or not finite, or the base's is not positive.
 */
export function relativeDrop(before: number | null, after: number | null): number | null {
  if (before === null || after === null || before <= 0) return null;
  const drop = (before - after) / before;
  return Number.isFinite(drop) ? Math.max(0, drop) : null;
}

/** The reason that a later submission of the same tensors gets. */
export const copyReason = 'copy';

/**
 * What may become of a miner that is assigned to another validator, besides a verdict: that one is away or has no file
 * of it, or there was no time left after one's own. `unknown`, so that its score stays as it is, and no sign that
 * anything failed here.
 */
export const elsewhereReasons = { absent: 'peer_absent', noTime: 'no_time' } as const;
const isElsewhere = ({ reason }: SubmissionRecord): boolean =>
  reason === elsewhereReasons.absent || reason === elsewhereReasons.noTime || reason === 'assigned_elsewhere';

const isCopy = ({ outcome, reason }: SubmissionRecord): boolean => outcome === 'miner_fault' && reason === copyReason;
/** An agreed value is no verdict of this validator's any more, and is weighed against no other. */
const stands = (submission: SubmissionRecord): boolean =>
  submission.agreed !== true && (submission.outcome !== 'miner_fault' || isCopy(submission));

/**
 * Of submissions that are one, only the earliest commitment counts; the others become the miner's fault `copy`. One
 * that failed by its miner's own fault displaces nobody, or else naming somebody's hash would suffice to rob them; one
 * that failed by ours still does, for a copy does not become original by our mistake.
 *
 * The order is kept, and what was marked before is judged anew, so that applying it twice changes nothing.
 */
export function countedSubmissions(submissions: readonly SubmissionRecord[]): readonly SubmissionRecord[] {
  const copies = copiesAmong(submissions.filter(stands));
  return submissions.map((submission) => {
    if (submission.agreed === true || (submission.outcome !== 'ok' && !isCopy(submission))) return submission;
    const copyOf = copies.get(submission.hotkey);
    const { copyOf: _, ...own } = submission;
    if (copyOf === undefined) return isCopy(submission) ? { ...own, outcome: 'ok', reason: null, detail: null } : own;
    return { ...own, outcome: 'miner_fault', reason: copyReason, detail: copyText(copyOf), copyOf };
  });
}

/** Why a cycle abstains. */
export interface Abstention {
  readonly reason: string;
  readonly failed: number;
  readonly of: number;
}

/**
 * Whether most miners failed alike by no fault of theirs: the same reason for more than half of at least three. What
 * is left would be judged by our own breakdown, so the cycle gives no scores and says so.
 */
export function abstains(submissions: readonly SubmissionRecord[]): Abstention | null {
  const judged = submissions.filter((submission) => !isElsewhere(submission));
  if (judged.length < 3) return null;
  const counts = new Map<string, number>();
  for (const { outcome, reason } of judged) {
    if (outcome !== 'our_fault' && outcome !== 'unknown') continue;
    const name = reason ?? outcome;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [reason, failed] of counts) {
    if (failed * 2 > judged.length) return { reason, failed, of: judged.length };
  }
  return null;
}

/** Those that a validator judges first, of a record; null where that was everybody. */
export const assignedIn = ({ assignment, hotkey }: Pick<CycleRecord, 'assignment' | 'hotkey'>) =>
  assignment === undefined ? null : (assignment.find(({ validator }) => validator === hotkey)?.miners ?? []);

/**
 * The submissions whose pseudo-gradients make this validator's part of the outer step: those that count, improved the
 * model and are assigned to it. The others' are in the parts of the validators that they are assigned to.
 *
 * @param assigned null: all of them
 */
export const improving = (
  submissions: readonly SubmissionRecord[],
  assigned: readonly Hotkey[] | null,
): readonly SubmissionRecord[] =>
  countedSubmissions(submissions).filter(
    ({ hotkey, outcome, w }) => outcome === 'ok' && w !== null && w > 0 && (assigned?.includes(hotkey) ?? true),
  );
