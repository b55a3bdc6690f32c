import { describe, expect, test } from '@jest/globals';
import { decideAgreement } from '../../../domain/agreement/decide.ts';
import type { Agreement, HeardTable } from '../../../domain/agreement/record.ts';
import { tableBody } from '../../../domain/agreement/table.ts';
import { cycleLeaves } from '../../../domain/cycle-leaves.ts';
import type { CycleRecord } from '../../../domain/cycle-record.ts';
import { noPast } from '../../../domain/scoring/past.ts';
import { scoresBy, vectorBy } from '../../../domain/scoring/strategy.ts';
import { blocks } from '../../../domain/units.ts';
import { scoringInputOf, verifyCycleRecord } from '../../../domain/verify-cycle.ts';
import { cycleRecord, ema, minerHotkey } from '../cycle-fixture.ts';
import { digestsBy, heldOf, table, tablesBy, validatorHotkey, verdict } from './tables.ts';

const own = [verdict(1, 0.5), verdict(2, 0.125)];
const tables = [table(0, own), table(1, [verdict(1, 0.25), verdict(2, 0.125)]), table(2, [verdict(1, 0.25)])];
const held = tables.map((each, number) => heldOf(number, { table: each }));
const peers = tables.map(({ by: hotkey }) => ({ hotkey, stakeRao: '5' }));
const agreement: Agreement = {
  ...decideAgreement({
    own: validatorHotkey(0),
    directory: { block: blocks(54), peers },
    digests: held.flatMap(({ digests }) => digests),
    tables: held.flatMap((each) => each.tables),
    digestsBy,
    tablesBy,
  }),
  tables: tables.map(
    (each): HeardTable => ({ hotkey: each.by, block: blocks(58), body: tableBody(each), signature: '' }),
  ),
};

/** A cycle whose scores follow from the agreed values. */
function recordOf(changes: Partial<Agreement> = {}, submissions = own): CycleRecord {
  const plain = { ...cycleRecord(submissions), hotkey: validatorHotkey(0), agreement: { ...agreement, ...changes } };
  const record = { ...plain, seed: null, submissions };
  const input = scoringInputOf(record, noPast);
  const scores = scoresBy(ema, input);
  return { ...record, scores, vector: vectorBy(ema, input, scores) };
}

const differences = (record: CycleRecord) =>
  verifyCycleRecord({ record, state: noPast }).map(({ what, recorded, recomputed }) => [what, recorded, recomputed]);

describe('the check of a cycle with an agreement', () => {
  test('finds nothing where medians, scores and vector follow from the tables', () => {
    const record = recordOf();
    expect(record.scores.map(({ observation }) => observation)).toEqual([0.25, 0.125]);
    expect(record.vector.map(({ weight }) => weight)).toEqual([65535, 32768]);
    expect(differences(record)).toEqual([]);
  });

  const [first, ...others] = agreement.values;
  if (first === undefined) throw new Error('nothing was agreed');
  const [mine, second, third] = agreement.tables;
  if (mine === undefined || second === undefined || third === undefined) throw new Error('tables are missing');
  test.each<readonly [string, CycleRecord]>([
    ['a value that the tables do not give', recordOf({ values: [{ ...first, w: 0.5 }, ...others] })],
    ['a value that was left out', recordOf({ values: others })],
    ['an agreement called full', recordOf({ full: true })],
    ['a table that is not the announced one', recordOf({ tables: [mine, { ...second, body: third.body }, third] })],
    ['a table that was taken away', recordOf({ tables: [mine, third] })],
    [
      'a peer that is said to agree',
      recordOf({ peers: agreement.peers.map((row) => ({ ...row, outcome: 'agreed' })) }),
    ],
    ['a peer whose stake is another', recordOf({ peers: agreement.peers.map((row) => ({ ...row, stakeRao: '1' })) })],
    ['verdicts that the own table does not have', recordOf({}, [verdict(1, 0.375), verdict(2, 0.125)])],
  ])('finds %s', (_name, record) => {
    expect(differences(record).map(([what]) => what)).toContain('agreement');
  });

  test('finds scores that go by the own values instead', () => {
    const { scores } = cycleRecord(own);
    expect(differences({ ...recordOf(), scores }).map(([what]) => what)).toContain('score');
  });

  test('has each table and each value in a leaf of its own', () => {
    const kinds = cycleLeaves(recordOf()).map((leaf) => /"kind":"(\w+)"/.exec(leaf)?.[1]);
    const count = (kind: string) => kinds.filter((each) => each === kind).length;
    expect([count('agreement'), count('table'), count('agreed')]).toEqual([1, 3, 2]);
    const agreedLeaf = cycleLeaves(recordOf()).filter((leaf) => leaf.includes('"kind":"agreed"'))[0];
    expect(agreedLeaf).toContain(minerHotkey(1));
    expect(agreedLeaf).not.toContain(minerHotkey(2));
  });
});
