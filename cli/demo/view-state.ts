import type { LogLine } from '../../adapters/processes/log-line.ts';

export interface MinerRow {
  readonly name: string;
  readonly hotkey: string | null;
  readonly group: number | null;
  readonly doing: string;
  readonly step: number | null;
  readonly loss: number | null;
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
  readonly w: number | null;
  readonly outcome: string | null;
}

/** What a validator's last merge came to, as its own log says it. */
export interface ValidatorRow {
  readonly name: string;
  readonly cycle: number | null;
  readonly hash: string | null;
  readonly synced: number | null;
  readonly of: number | null;
}

/** What the live view shows; made of log lines alone, so that it can say nothing that the logs do not. */
export interface ViewState {
  readonly block: number | null;
  readonly phase: string | null;
  readonly cycle: number | null;
  readonly blocksLeft: number | null;
  readonly miners: ReadonlyMap<string, MinerRow>;
  readonly weights: { readonly block: number; readonly hash: string; readonly text: string } | null;
  readonly lastCycle: string | null;
  readonly validators: ReadonlyMap<string, ValidatorRow>;
  readonly recent: readonly string[];
  readonly trouble: readonly string[];
}

export const emptyView: ViewState = {
  block: null,
  phase: null,
  cycle: null,
  blocksLeft: null,
  miners: new Map(),
  weights: null,
  lastCycle: null,
  validators: new Map(),
  recent: [],
  trouble: [],
};

const keptLines = 8;
const warn = 40;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const emptyRow = (name: string): MinerRow => ({
  name,
  hotkey: null,
  group: null,
  doing: 'waiting',
  step: null,
  loss: null,
  lossBefore: null,
  lossAfter: null,
  w: null,
  outcome: null,
});

/** Events that change the view and would only be noise as lines. */
const silent = new Set([
  'training_step',
  'optimizer_step',
  'head',
  'phase_entered',
  'chain_account',
  'config_loaded',
  'port_changed',
]);

/** The view after one more log line of the process called `source`. */
export function nextView(view: ViewState, source: string, line: LogLine): ViewState {
  const changed = apply(view, source, line);
  const shown = `${source.padEnd(9)} ${line.msg}`;
  const recent =
    line.msg === '' || silent.has(line.event ?? '') || line.level < 30
      ? changed.recent
      : [...changed.recent, shown].slice(-keptLines);
  const trouble = line.level >= warn ? [...changed.trouble, shown].slice(-3) : changed.trouble;
  return { ...changed, recent, trouble };
}

function apply(view: ViewState, source: string, { event, fields }: LogLine): ViewState {
  switch (event) {
    case 'head':
      return {
        ...view,
        block: number(fields['block']),
        blocksLeft: number(fields['blocksLeft']),
        phase: text(fields['phase']),
      };
    case 'phase_entered':
      return view.cycle === number(fields['cycle'])
        ? view
        : { ...view, cycle: number(fields['cycle']), miners: cleared(view.miners) };
    case 'training_step':
      return row(view, source, {
        doing: 'training',
        step: number(fields['step']),
        loss: number(fields['loss']),
        hotkey: text(fields['hotkey']),
        group: number(fields['group']),
      });
    case 'training_done':
      return row(view, source, { doing: `trained ${number(fields['steps']) ?? 0} steps` });
    case 'slice_stored':
      return row(view, source, {
        doing: 'has the model',
        hotkey: text(fields['hotkey']),
        group: number(fields['group']),
      });
    case 'miner_commit':
      return row(view, source, { doing: 'commits its hash' });
    case 'submitted':
      return row(view, source, { doing: 'submitted' });
    case 'miner_cycle_finished':
      return row(view, source, { doing: text(fields['result']) ?? '' });
    case 'evaluated':
    case 'submission_settled':
      return judged(view, fields);
    case 'write_settled':
      return weighed(view, fields);
    case 'merging_complete': {
      const merged = { cycle: number(fields['cycle']), hash: text(fields['hash']) };
      const synced = { synced: number(fields['synced']), of: number(fields['of']) };
      return { ...view, validators: new Map(view.validators).set(source, { name: source, ...merged, ...synced }) };
    }
    case 'cycle_finished':
      return {
        ...view,
        lastCycle: `cycle ${number(fields['cycle'])}: ${text(fields['result'])}, model ${text(fields['modelHash'])}`,
      };
    default:
      return view;
  }
}

const cleared = (miners: ViewState['miners']): ViewState['miners'] =>
  new Map([...miners].map(([name, { hotkey, group }]) => [name, { ...emptyRow(name), hotkey, group }]));

function row(view: ViewState, name: string, change: Partial<MinerRow>): ViewState {
  const known = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null));
  const miners = new Map(view.miners);
  miners.set(name, { ...(miners.get(name) ?? emptyRow(name)), ...known });
  return { ...view, miners };
}

/** The validator speaks of hotkeys; the miners' own lines have said whose they are. */
function judged(view: ViewState, fields: LogLine['fields']): ViewState {
  const found = [...view.miners.values()].find(({ hotkey }) => hotkey === fields['hotkey']);
  if (found === undefined) return view;
  const reason = text(fields['reason']);
  const outcome = text(fields['outcome']);
  return row(view, found.name, {
    lossBefore: number(fields['lossBefore']),
    lossAfter: number(fields['lossAfter']),
    w: number(fields['w']),
    outcome: outcome === null ? null : reason === null ? outcome : `${outcome}: ${reason}`,
  });
}

function weighed(view: ViewState, fields: LogLine['fields']): ViewState {
  const outcome = fields['outcome'];
  if (fields['call'] !== 'set_weights' || typeof outcome !== 'object' || outcome === null) return view;
  const { kind, block, extrinsicHash, uids, values } = outcome as Readonly<Record<string, unknown>>;
  if (kind !== 'included' || typeof block !== 'number' || !Array.isArray(uids) || !Array.isArray(values)) return view;
  const vector = uids.map((uid, index) => `uid ${uid} ${values[index]}`).join(', ');
  return { ...view, weights: { block, hash: String(extrinsicHash), text: vector } };
}
