import Table from 'cli-table3';
import pc from 'picocolors';
import type { MinerRow, ViewState } from './view-state.ts';

export interface Addresses {
  readonly temporalUi: string | null;
  readonly modelServer: string;
  readonly chain: string;
}

const fixed = (value: number | null, digits: number): string => (value === null ? '' : value.toFixed(digits));
const plainTable = { head: [] as string[], border: [] as string[] };

const cells = (row: MinerRow): string[] => [
  row.name,
  row.hotkey === null ? '' : `${row.hotkey.slice(0, 8)}…`,
  row.group === null ? '' : String(row.group),
  row.step === null || row.doing !== 'training' ? row.doing : `training, step ${row.step}, loss ${fixed(row.loss, 3)}`,
  fixed(row.lossBefore, 4),
  fixed(row.lossAfter, 4),
  fixed(row.w, 4),
  row.outcome ?? '',
];

/** One frame of the live view. */
export function frame(view: ViewState, addresses: Addresses): string {
  const table = new Table({
    head: ['miner', 'hotkey', 'group', 'doing', 'loss before', 'loss after', 'w_i', 'outcome'],
    style: plainTable,
  });
  for (const row of [...view.miners.values()].toSorted((a, b) => a.name.localeCompare(b.name))) table.push(cells(row));
  const left = view.blocksLeft === null ? '' : pc.dim(` (${view.blocksLeft} blocks left)`);
  const weights =
    view.weights === null
      ? pc.dim('none set yet')
      : `block ${view.weights.block}: ${view.weights.text}\n          ${pc.dim(view.weights.hash)}`;
  return [
    '',
    `${pc.bold('Ostinato')}  block ${pc.bold(String(view.block ?? '…'))}  cycle ${view.cycle ?? '…'}  phase ${pc.cyan(view.phase ?? '…')}${left}`,
    '',
    table.toString(),
    '',
    `Weights   ${weights}`,
    `Last      ${view.lastCycle ?? pc.dim('no cycle finished yet')}`,
    '',
    ...view.recent.map((line) => pc.dim(line.slice(0, 150))),
    ...(view.trouble.length === 0 ? [] : ['', ...view.trouble.map((line) => pc.yellow(line.slice(0, 150)))]),
    '',
    `Temporal UI   ${addresses.temporalUi ?? 'not ours'}`,
    `Model server  ${addresses.modelServer}   Chain  ${addresses.chain}`,
    pc.dim('Ctrl-C stops everything; the next start goes on from here.'),
    '',
  ].join('\n');
}
