import { byHotkey, compareText } from '../order.ts';
import { type Peer, weightsIn } from '../peers/directory.ts';
import { bodyDigest } from '../peers/message.ts';
import type { Blocks, Hotkey } from '../units.ts';
import { isSupported, type Vote, weightedMedian } from './median.ts';
import { type AgreedValue, type AgreementSummary, counts, type PeerInAgreement, type TableOutcome } from './record.ts';
import { contradictions, readDigest, readTable, type ScoreTable, voteOf } from './table.ts';

/** A message of a validator that is here, with the block at which it came here. */
export interface HeldMessage {
  readonly from: Hotkey;
  readonly body: string;
  readonly receivedAtBlock: Blocks;
}

type Staked = Pick<Peer, 'hotkey' | 'stakeRao'>;

export interface AgreementInput {
  readonly own: Hotkey;
  readonly directory: { readonly block: Blocks; readonly peers: readonly Staked[] };
  readonly digests: readonly HeldMessage[];
  readonly tables: readonly HeldMessage[];
  readonly digestsBy: Blocks;
  readonly tablesBy: Blocks;
}

/**
 * What the validators say together. It follows from the tables that count and from the directory alone, so that all who
 * heard the same come to the same, to the last bit, in whatever order and however often messages came.
 */
export function decideAgreement(input: AgreementInput): AgreementSummary {
  const { own, directory, digests, tables, digestsBy, tablesBy } = input;
  const peers = directory.peers.toSorted(byHotkey);
  const mine = readTable(tables.find(({ from }) => from === own)?.body ?? '');
  const judged = peers.map((peer) => judge(peer, input, mine));
  const strangers = [...new Set([...digests, ...tables].map(({ from }) => from))]
    .filter((from) => peers.every(({ hotkey }) => hotkey !== from))
    .map((hotkey) => ({ hotkey, stakeRao: '0', outcome: 'stranger' as const, detail: null, digest: null }));
  const heard = judged.flatMap(({ row, table }) => (table === null ? [] : [{ stakeRao: row.stakeRao, table }]));
  return {
    ...agreedOn(
      judged.map(({ row }) => row),
      heard,
      mine?.abstains ?? false,
    ),
    directoryBlock: directory.block,
    digestsBy,
    tablesBy,
    peers: [...judged.map(({ row }) => row), ...strangers].toSorted(byHotkey),
  };
}

interface Judged {
  readonly row: PeerInAgreement;
  /** Null unless it counts. */
  readonly table: ScoreTable | null;
}

function judge({ hotkey, stakeRao }: Staked, input: AgreementInput, mine: ScoreTable | null): Judged {
  const of = (messages: readonly HeldMessage[]) =>
    earliestByBody(messages.filter(({ from }) => from === hotkey)).toSorted(
      (a, b) => a.receivedAtBlock - b.receivedAtBlock,
    );
  const [digest, otherDigest] = of(input.digests);
  const announced = digest === undefined ? null : readDigest(digest.body);
  // What it announced decides which of its tables counts, so that a second one changes nothing.
  const tables = of(input.tables);
  const table = tables.find(({ body }) => bodyDigest(body) === announced) ?? tables[0];
  const say = (outcome: TableOutcome, detail: string | null = null, read: ScoreTable | null = null): Judged => ({
    row: { hotkey, stakeRao, outcome, detail, digest: announced },
    table: read,
  });
  if (otherDigest !== undefined) return say('equivocated', 'it signed two different digests');
  if (digest === undefined) return table === undefined ? say('absent') : say('no_digest');
  if (digest.receivedAtBlock > input.digestsBy) {
    return say('late', `its digest came at block ${digest.receivedAtBlock}`);
  }
  if (table === undefined) return say('no_table');
  if (table.receivedAtBlock > input.tablesBy) return say('late', `its table came at block ${table.receivedAtBlock}`);
  if (announced !== bodyDigest(table.body)) return say('bad_table', 'its table is not the one that it announced');
  const read = readTable(table.body);
  if (read === null) return say('bad_table', 'it is no table of scores');
  if (read.by !== hotkey) return say('bad_table', `the table is that of ${read.by}`);
  if (read.abstains) return say('abstains');
  const against = mine === null ? [] : contradictions(mine, read);
  if (against.length === 0) return say('agreed', null, read);
  return say('differs', `on ${against.length} of ${read.rows.length} miners, ${against[0] ?? ''} among them`, read);
}

/** One message for each body, that which came first: however often something is said, it is said once. */
function earliestByBody(messages: readonly HeldMessage[]): readonly HeldMessage[] {
  const first = new Map<string, HeldMessage>();
  for (const message of messages) {
    const known = first.get(message.body);
    if (known === undefined || message.receivedAtBlock < known.receivedAtBlock) first.set(message.body, message);
  }
  return [...first.values()];
}

/** A table that counts, with its author's stake. */
export interface CountedTable {
  readonly stakeRao: string;
  readonly table: ScoreTable;
}

type AgreedOn = Pick<AgreementSummary, 'full' | 'result' | 'heardRao' | 'totalRao' | 'values' | 'contested'>;

/**
 * The stake-weighted median of each miner's values. Validators without an opinion on a miner do not vote on it; where
 * less than half of the stake is heard, nothing is agreed.
 *
 * @param peers all of the directory
 * @param heard the tables that count
 */
export function agreedOn(
  peers: readonly PeerInAgreement[],
  heard: readonly CountedTable[],
  abstains: boolean,
): AgreedOn {
  const stake = weightsIn(peers);
  const total = sum(peers.map(stake));
  const heardStake = sum(heard.map(stake));
  const stakes = { heardRao: String(heardStake), totalRao: String(total) };
  const none = { ...stakes, full: false, values: [], contested: [] };
  if (abstains) return { ...none, result: 'abstained' };
  if (heardStake * 2n < total) return { ...none, result: 'alone' };
  const values: AgreedValue[] = [];
  const contested: Hotkey[] = [];
  const miners = [...new Set(heard.flatMap(({ table }) => table.rows.map(({ hotkey }) => hotkey)))];
  for (const hotkey of miners.toSorted(compareText)) {
    const found = agreedValue(hotkey, heard, stake, total);
    if (found === 'contested') contested.push(hotkey);
    else if (found !== null) values.push(found);
  }
  const full = contested.length === 0 && peers.every(({ outcome }) => outcome === 'agreed');
  return { ...stakes, full, result: 'agreed', values, contested };
}

function agreedValue(
  hotkey: Hotkey,
  heard: readonly CountedTable[],
  stake: (of: CountedTable) => bigint,
  total: bigint,
): AgreedValue | 'contested' | null {
  const rows = heard.flatMap((each) => {
    const row = each.table.rows.find((one) => one.hotkey === hotkey);
    const value = row === undefined ? null : voteOf(row);
    return row === undefined || value === null ? [] : [{ row, value, stake: stake(each) }];
  });
  const w = weightedMedian(rows);
  if (w === null) return null;
  const bases = rows.flatMap(({ row, stake: behind }): Vote[] =>
    row.lossBefore === null ? [] : [{ value: row.lossBefore, stake: behind }],
  );
  const lossBefore = weightedMedian(bases);
  if (!isSupported(w, rows, total)) return 'contested';
  // The base's loss matters only where there is something to be multiplied with it.
  if (w > 0 && (lossBefore === null || !isSupported(lossBefore, bases, total))) return 'contested';
  return { hotkey, w, lossBefore, voters: rows.length, stakeRao: String(sum(rows.map((row) => row.stake))) };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, each) => all + each, 0n);

/** The hotkeys whose tables count. */
export const countedPeers = ({ peers }: Pick<AgreementSummary, 'peers'>): readonly PeerInAgreement[] =>
  peers.filter(({ outcome }) => counts(outcome));
