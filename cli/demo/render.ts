import pc from 'picocolors';
import { textTable } from '../table.ts';
import type { MinerRow, ViewState } from './view-state.ts';

export interface Addresses {
  readonly temporalUi: string | null;
  readonly modelServer: string;
  readonly chain: string;
}

/** Of the terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const fixed = (value: number | null, digits: number): string => (value === null ? '' : value.toFixed(digits));

/** Cuts a line where the terminal would wrap it, which would make the next frame land in the wrong place. */
const cut = (line: string, columns: number): string =>
  line.length > columns ? `${line.slice(0, columns - 1)}…` : line;

interface Column {
  readonly name: string;
  readonly of: (row: MinerRow) => string;
  /** The narrowest terminal that has room for it. */
  readonly from: number;
}

/** Padded, so that the columns beside it stay where they are while it changes. */
const doing = ({ doing: what, step, loss }: MinerRow): string =>
  (step === null || what !== 'training' ? what : `step ${step}, loss ${fixed(loss, 3)}`).padEnd(20);

const losses = ({ lossBefore, lossAfter }: MinerRow): string =>
  lossBefore === null ? '' : `${fixed(lossBefore, 4)} → ${fixed(lossAfter, 4)}`;

const columnsOfTable: readonly Column[] = [
  { name: 'miner', of: ({ name }) => name, from: 0 },
  { name: 'hotkey', of: ({ hotkey }) => (hotkey === null ? '' : `${hotkey.slice(0, 8)}…`), from: 118 },
  { name: 'group', of: ({ group }) => (group === null ? '' : String(group)), from: 100 },
  { name: 'doing', of: doing, from: 0 },
  { name: 'loss', of: losses, from: 72 },
  { name: 'w_i', of: ({ w }) => fixed(w, 4).padEnd(6), from: 0 },
  { name: 'outcome', of: ({ outcome }) => cut(outcome ?? '', 32), from: 0 },
];

/** One frame of the live view: never wider or higher than the terminal, as far as that has room for the table. */
export function frame(view: ViewState, addresses: Addresses, { columns, rows }: Size): string {
  const shown = columnsOfTable.filter(({ from }) => columns >= from);
  const miners = [...view.miners.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  const table = textTable(
    shown.map(({ name }) => name),
    miners.map((row) => shown.map(({ of }) => of(row))),
  ).split('\n');
  const left = view.blocksLeft === null ? '' : pc.dim(` (${view.blocksLeft} blocks left)`);
  const above = [
    `${pc.bold('Ostinato')}  block ${pc.bold(String(view.block ?? '…'))}  cycle ${view.cycle ?? '…'}  phase ${pc.cyan(view.phase ?? '…')}${left}`,
    '',
    ...table.map((line) => cut(line, columns)),
    '',
    ...weightLines(view, columns),
    cut(`Last      ${view.lastCycle ?? 'no cycle finished yet'}`, columns),
    ...validatorLines(view, columns),
    '',
  ];
  const below = [
    '',
    cut(`Temporal UI   ${addresses.temporalUi ?? 'not ours'}`, columns),
    cut(`Model server  ${addresses.modelServer}   Chain  ${addresses.chain}`, columns),
    pc.dim(cut('Ctrl-C stops everything; the next start goes on from here.', columns)),
  ];
  const trouble = view.trouble.length === 0 ? [] : ['', ...view.trouble.map((line) => pc.yellow(cut(line, columns)))];
  // The cursor's own line is one of the terminal's.
  const room = Math.max(0, rows - 1 - above.length - below.length - trouble.length);
  const recent = room === 0 ? [] : view.recent.slice(-room).map((line) => pc.dim(cut(line, columns)));
  return [...above, ...recent, ...trouble, ...below].join('\n');
}

/** One line for each of several validators: whether they hold the same model. */
function validatorLines({ validators }: ViewState, columns: number): readonly string[] {
  if (validators.size < 2) return [];
  return [...validators.values()].map(({ name, cycle, hash, synced, of }) =>
    cut(
      `          ${name.padEnd(9)} cycle ${cycle ?? '…'}: ${synced ?? 0}/${of ?? 0} validators synced, model ${hash ?? 'none'}`,
      columns,
    ),
  );
}

function weightLines({ weights }: ViewState, columns: number): readonly string[] {
  if (weights === null) return ['Weights   none set yet'];
  const { block, text, hash } = weights;
  return [cut(`Weights   block ${block}: ${text}`, columns), pc.dim(cut(`          ${hash}`, columns))];
}
