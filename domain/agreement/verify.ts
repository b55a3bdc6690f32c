import { canonicalJson } from '../canonical-json.ts';
import type { CycleRecord } from '../cycle-record.ts';
import { bodyDigest } from '../peers/message.ts';
import { agreedOn, countedPeers } from './decide.ts';
import type { Agreement } from './record.ts';
import { contradictions, readTable, type ScoreTable, tableBody, tableOf } from './table.ts';

/** What a record's tables say otherwise than its agreement; the two as canonical JSON. */
export interface AgreementDifference {
  readonly recorded: string;
  readonly recomputed: string;
}

/**
 * Takes the medians once more from the recorded tables: each must be the one that its author announced, the validator's
 * own must be its submissions, and values, result and verdicts on peers must follow. What did not count is taken at
 * the record's word, for what never came cannot be shown.
 */
export function agreementDifferences({
  agreement,
  submissions,
  hotkey,
}: Pick<CycleRecord, 'agreement' | 'submissions' | 'hotkey'>): readonly AgreementDifference[] {
  if (agreement === undefined) return [];
  const { peers, tables } = agreement;
  const differences: AgreementDifference[] = [];
  const compare = (recorded: unknown, recomputed: unknown): void => {
    const [a, b] = [canonicalJson(recorded), canonicalJson(recomputed)];
    if (a !== b) differences.push({ recorded: a, recomputed: b });
  };
  const counted = countedPeers(agreement);
  compare(
    counted.map((peer) => peer.hotkey),
    tables.map((table) => table.hotkey),
  );
  const read = new Map<string, ScoreTable>();
  for (const { hotkey: by, body } of tables) {
    compare(counted.find((peer) => peer.hotkey === by)?.digest ?? null, bodyDigest(body));
    const table = readTable(body);
    compare(table?.by ?? null, by);
    if (table !== null) read.set(by, table);
  }
  const mine = read.get(hotkey);
  if (mine !== undefined) compare(tableBody(mine), tableBody(tableOf(submissions, mine)));
  const judged = peers.map((peer) => {
    const table = read.get(peer.hotkey);
    if (table === undefined || mine === undefined) return peer;
    return { ...peer, outcome: contradictions(mine, table).length === 0 ? ('agreed' as const) : ('differs' as const) };
  });
  compare(
    peers.map(({ outcome }) => outcome),
    judged.map(({ outcome }) => outcome),
  );
  const heard = counted.flatMap(({ hotkey: by, stakeRao }) => {
    const table = read.get(by);
    return table === undefined ? [] : [{ stakeRao, table }];
  });
  const directory = judged.filter(({ outcome }) => outcome !== 'stranger');
  compare(decided(agreement), decided(agreedOn(directory, heard, agreement.result === 'abstained')));
  return differences;
}

const decided = ({ full, result, heardRao, totalRao, values, contested }: ReturnType<typeof agreedOn> | Agreement) => ({
  full,
  result,
  heardRao,
  totalRao,
  values,
  contested,
});
