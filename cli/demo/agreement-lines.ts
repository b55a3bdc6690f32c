import type { CycleReport } from './report.ts';

/** What one validator's ledger says of the cycles. */
export interface ValidatorReport {
  readonly name: string;
  readonly hotkey: string;
  readonly cycles: readonly CycleReport[];
}

const vectorOf = (cycle: CycleReport | undefined): string => JSON.stringify(cycle?.weights?.onChain ?? null);

/** How the validators' models and vectors compare in one cycle; nothing for a validator that is alone. */
export function agreementLines(validators: readonly ValidatorReport[], cycle: number): readonly string[] {
  if (validators.length < 2) return [];
  const rows = validators.map(({ name, cycles }) => ({ name, found: cycles.find((each) => each.cycle === cycle) }));
  const models = new Set(rows.map(({ found }) => found?.modelAfter.hash));
  const vectors = new Set(rows.map(({ found }) => vectorOf(found)));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    `Agreed    ${models.size === 1 ? 'one model hash' : `${models.size} model hashes`}, ` +
      `${vectors.size === 1 ? 'one vector on chain' : `${vectors.size} vectors on chain`} of ${validators.length} validators`,
    ...rows.map(({ name, found }) => {
      const merged = found?.merge?.peers.filter(({ outcome }) => outcome === 'merged').length ?? 0;
      const heldOut = found?.heldOut ?? null;
      const loss = heldOut === null ? '' : `, held-out ${heldOut.before.toFixed(4)} → ${heldOut.after.toFixed(4)}`;
      return `          ${name.padEnd(width)}  ${found?.modelAfter.hash ?? 'no record'}, merged ${merged}/${validators.length}${loss}`;
    }),
  ];
}
