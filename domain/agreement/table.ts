import { canonicalJson } from '../canonical-json.ts';
import type { SubmissionRecord } from '../cycle-record.ts';
import { byHotkey } from '../order.ts';
import type { OutcomeKind } from '../outcome.ts';
import { relativeDrop } from '../proof-of-loss.ts';
import { fieldsOf, isDigest, parseJson } from '../read-value.ts';
import { type Hotkey, hotkey } from '../units.ts';

/** What a validator says of one miner. Losses and w are null for everything but `ok`. */
export interface ScoreRow {
  readonly hotkey: Hotkey;
  readonly outcome: OutcomeKind;
  readonly w: number | null;
  /** SHA-256 of the file that was judged; null where none was. */
  readonly digest: string | null;
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
}

/** What a validator says of a cycle's miners. */
export interface ScoreTable {
  /** Its author: without the name in it, somebody could announce another's digest and later say the same table. */
  readonly by: Hotkey;
  /** 128 random bits as hex, without which a table could be guessed from its digest. */
  readonly salt: string;
  /** Says nothing of anybody, because its own cycle abstained. */
  readonly abstains: boolean;
  /** In ascending order of hotkeys, each once. */
  readonly rows: readonly ScoreRow[];
}

/** The table of a validator's own verdicts. */
export function tableOf(
  submissions: readonly SubmissionRecord[],
  { by, salt, abstains }: Pick<ScoreTable, 'by' | 'salt' | 'abstains'>,
): ScoreTable {
  const rows = submissions.toSorted(byHotkey).map((row): ScoreRow => {
    const { outcome, digest } = row;
    // A loss that cannot give a w is none that anybody could vote by.
    const w = outcome === 'ok' ? relativeDrop(row.lossBefore, row.lossAfter) : null;
    const losses = w === null ? nothing : { lossBefore: row.lossBefore, lossAfter: row.lossAfter };
    return { hotkey: row.hotkey, outcome: outcome === 'ok' && w === null ? 'unknown' : outcome, w, digest, ...losses };
  });
  return { by, salt, abstains, rows: abstains ? [] : rows };
}

const nothing = { lossBefore: null, lossAfter: null } as const;

/** The body of `scores-table`, a row as a list so that 256 of them fit: one text for one table. */
export const tableBody = ({ by, salt, abstains, rows }: ScoreTable): string =>
  canonicalJson({
    by,
    salt,
    abstains,
    rows: rows.map((row) => [row.hotkey, row.outcome, row.w, row.digest, row.lossBefore, row.lossAfter]),
  });

/** The body of `scores-digest`: the SHA-256 of the table's body, as hex. */
export const digestBody = (table: string): string => canonicalJson({ table });

/** The digest that a stranger's body announces; null where it is none. */
export function readDigest(body: string): string | null {
  const table = fieldsOf(parseJson(body))['table'];
  return isDigest(table) ? table : null;
}

/** Reads a stranger's table; null for what is none. */
export function readTable(body: string): ScoreTable | null {
  const { by, salt, abstains, rows } = fieldsOf(parseJson(body));
  if (typeof by !== 'string' || typeof salt !== 'string' || !/^[0-9a-f]{32}$/.test(salt)) return null;
  if (typeof abstains !== 'boolean' || !Array.isArray(rows) || (abstains && rows.length > 0)) return null;
  const read: ScoreRow[] = [];
  for (const each of rows) {
    const row = readRow(each);
    const last = read.at(-1)?.hotkey;
    if (row === null || (last !== undefined && row.hotkey <= last)) return null;
    read.push(row);
  }
  return { by: hotkey(by), salt, abstains, rows: read };
}

const outcomes: readonly OutcomeKind[] = ['ok', 'miner_fault', 'our_fault', 'unknown'];

function readRow(value: unknown): ScoreRow | null {
  if (!Array.isArray(value) || value.length !== 6) return null;
  const [of, said, w, digest, before, after]: readonly unknown[] = value;
  const outcome = outcomes.find((known) => known === said);
  if (typeof of !== 'string' || outcome === undefined || (digest !== null && !isDigest(digest))) return null;
  const row = { hotkey: hotkey(of), outcome, digest };
  if (outcome !== 'ok') {
    return w === null && before === null && after === null ? { ...row, w, lossBefore: null, lossAfter: null } : null;
  }
  if (!isLoss(before) || !isLoss(after)) return null;
  // The same two divisions everywhere give the same bits, so a w that its losses do not give was made up.
  const drop = relativeDrop(before, after);
  return drop !== null && drop === w ? { ...row, w: drop, lossBefore: before, lossAfter: after } : null;
}

const isLoss = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Losses differ in the last digits between processors; more than this, relative, is another loss. */
export const lossTolerance = 1e-5;

const near = (a: number | null, b: number | null): boolean =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= lossTolerance * Math.max(Math.abs(a), Math.abs(b)));

/** Whether a row says what its miner did; our own fault, and what nobody can tell, is no opinion. */
const hasOpinion = ({ outcome }: ScoreRow): boolean => outcome === 'ok' || outcome === 'miner_fault';

/** The value that a row votes for: w, 0 for the miner's own fault; null for no opinion. */
export const voteOf = (row: ScoreRow): number | null =>
  row.outcome === 'ok' ? row.w : row.outcome === 'miner_fault' ? 0 : null;

/** The miners on whom two tables contradict each other: both have an opinion, and not the same. */
export function contradictions(one: ScoreTable, other: ScoreTable): readonly Hotkey[] {
  const theirs = new Map(other.rows.map((row) => [row.hotkey, row]));
  return one.rows.flatMap((row) => {
    const second = theirs.get(row.hotkey);
    if (second === undefined || !hasOpinion(row) || !hasOpinion(second)) return [];
    const same =
      row.outcome === second.outcome &&
      near(row.lossBefore, second.lossBefore) &&
      near(row.lossAfter, second.lossAfter);
    return same ? [] : [row.hotkey];
  });
}
