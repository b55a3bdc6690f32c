import { textTable } from '../table.ts';
import type { CycleReport } from './report.ts';

const fixed = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits));

/** A cycle as a table: what each miner did and got, and what the chain holds. */
export function scoreTable(report: CycleReport): string {
  const head = ['uid', 'hotkey', 'group', 'outcome', 'loss before', 'loss after', 'w_i', 'score', 'weight'];
  const rows = report.submissions.map((each) => {
    const score = report.scores.find(({ hotkey }) => hotkey === each.hotkey)?.after ?? null;
    const weight = report.vector.find(({ hotkey }) => hotkey === each.hotkey)?.weight ?? 0;
    return [
      String(each.uid),
      `${each.hotkey.slice(0, 12)}…`,
      each.group < 0 ? '–' : String(each.group),
      each.reason === null ? each.outcome : `${each.outcome}: ${each.reason}`,
      fixed(each.lossBefore, 4),
      fixed(each.lossAfter, 4),
      fixed(each.w, 4),
      fixed(score, 4),
      String(weight),
    ];
  });
  const { weights, heldOut } = report;
  return [
    `Cycle ${report.cycle} (blocks ${report.startBlock}–${report.endBlock}): ${report.result}`,
    rows.length === 0 ? 'No miner committed a hash in this cycle.' : textTable(head, rows),
    `Model     ${report.modelBefore.hash} → ${report.modelAfter.hash}`,
    `Held-out  ${heldOut === null ? 'not measured' : `${heldOut.before.toFixed(4)} → ${heldOut.after.toFixed(4)}`}`,
    `Weights   ${weights === null ? 'none set: no score is positive' : `${weights.outcome}${weights.block === null ? '' : ` in block ${weights.block}, ${weights.extrinsicHash}`}`}`,
    `Root      ${report.merkleRoot}`,
    ...report.notes.map(({ phase, note }) => `Note      ${phase}: ${note}`),
  ].join('\n');
}
