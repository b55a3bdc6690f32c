import { describe, expect, test } from '@jest/globals';
import { digestBody, readDigest, readTable, tableBody } from '../../../domain/agreement/table.ts';
import { bodyDigest } from '../../../domain/peers/message.ts';
import { submission } from '../cycle-fixture.ts';
import { noOpinion, table, verdict } from './tables.ts';

const whole = table(1, [
  verdict(2, 0.25),
  submission(1, { outcome: 'miner_fault', reason: 'copy', digest: 'e'.repeat(64) }),
  noOpinion(3),
]);

/** The published form: a peer of another make has to arrive at the same digest. */
const golden =
  '{"abstains":false,"by":"5V01","rows":[' +
  `["5Miner001","miner_fault",null,"${'e'.repeat(64)}",null,null],` +
  `["5Miner002","ok",0.25,"${'2'.padStart(64, 'd')}",4,3],` +
  '["5Miner003","our_fault",null,null,null,null]],"salt":"00000000000000000000000000000001"}';

describe('a score table', () => {
  test('has one text, in order of hotkeys, and one digest', () => {
    expect(tableBody(whole)).toBe(golden);
    expect(bodyDigest(golden)).toBe('72ad23af4551fa658404897ee399dc9a6df0b117419843b4839e6c8088faa49b');
    expect(readTable(golden)).toEqual(whole);
    expect(readDigest(digestBody(bodyDigest(golden)))).toBe(bodyDigest(golden));
  });

  test('shows nothing but that it abstains where the cycle did', () => {
    expect(table(1, [verdict(1, 0.5)], true)).toMatchObject({ abstains: true, rows: [] });
  });

  test('does not vote by losses that give no w', () => {
    expect(table(1, [submission(1, { lossAfter: null })]).rows).toMatchObject([{ outcome: 'unknown', w: null }]);
  });

  test('of 256 miners fits into a message', () => {
    const rows = Array.from({ length: 256 }, (_, i) => verdict(i, Math.sqrt(i) / 17));
    const long = table(1, rows);
    const sized = { ...long, rows: long.rows.map((row) => ({ ...row, hotkey: row.hotkey.padEnd(48, 'x') as never })) };
    expect(tableBody(sized).length).toBeLessThan(256 * 1024 * 0.2);
  });

  const rows = (...list: readonly unknown[]) => JSON.stringify({ ...JSON.parse(golden), rows: list });
  const row = (changes: Readonly<Record<number, unknown>>) =>
    ['5Miner002', 'ok', 0.25, 'd'.repeat(64), 4, 3].map((cell, i) => (i in changes ? changes[i] : cell));
  test.each<readonly [string, string]>([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nobody’s', '{"salt":"00","rows":[]}'],
    ['without a salt', golden.replace(/"salt":"\d+"/, '"salt":""')],
    ['with rows that are none', rows(7)],
    ['with a row too short', rows(row({}).slice(1))],
    ['with one miner twice', rows(row({}), row({}))],
    ['out of order', rows(row({}), row({ 0: '5Miner001' }))],
    ['with a w that its losses do not give', rows(row({ 2: 0.2500001 }))],
    ['with a negative w', rows(row({ 2: -0.25, 4: 4, 5: 5 }))],
    ['with a loss that is none', rows(row({ 5: null }))],
    ['with a loss that is text', rows(row({ 5: '3' }))],
    ['with a loss of nothing', rows(row({ 2: 0, 4: 0, 5: 0 }))],
    ['with a digest that is none', rows(row({ 3: 'd' }))],
    ['with an outcome that is none', rows(row({ 1: 'fine' }))],
    ['with a fault that has a w', rows(row({ 1: 'miner_fault' }))],
    ['that abstains and says something', golden.replace('"abstains":false', '"abstains":true')],
  ])('%s is none', (_name, body) => {
    expect(readTable(body)).toBeNull();
  });
});
