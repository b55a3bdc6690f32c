import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openLedger } from '../../../adapters/ledger/open.ts';
import type { ProtectedVector } from '../../../adapters/ledger/protection.ts';
import { isOstinatoError } from '../../../domain/errors/error.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { ended, startChild } from './child.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const vector = (changes: Partial<ProtectedVector> = {}): ProtectedVector => ({
  genesis: '0xaa',
  netuid: netuid(1),
  mecid: 0,
  hotkey: hotkey('5Validator'),
  period: blocks(70),
  uids: [1, 2],
  values: [65535, 100],
  ...changes,
});

describe('the protection record', () => {
  test('gives a period to one vector, and the same again, whatever the order of its entries', async () => {
    await using temporary = await temporaryLedger();
    const { protection } = temporary.ledger;
    expect(await protection.claim(vector())).toBe('new');
    expect(await protection.claim(vector())).toBe('same');
    expect(await protection.claim(vector({ uids: [2, 1], values: [100, 65535] }))).toBe('same');
  });

  test.each([
    ['another value', { values: [65535, 101] }],
    ['another uid', { uids: [1, 3] }],
    ['swapped values', { values: [100, 65535] }],
    ['one entry more', { uids: [1, 2, 3], values: [65535, 100, 1] }],
    ['an empty vector', { uids: [], values: [] }],
  ])('refuses %s for a period that is taken, and keeps the first', async (_name, changes) => {
    await using temporary = await temporaryLedger();
    const { protection } = temporary.ledger;
    await protection.claim(vector());
    await expect(protection.claim(vector(changes))).rejects.toMatchObject({ code: 'OST_PROTECTION_CONFLICT' });
    expect(await protection.show(vector())).toMatchObject({ uids: [1, 2], values: [65535, 100] });
  });

  test.each([
    ['chain', { genesis: '0xbb' as const }],
    ['subnet', { netuid: netuid(2) }],
    ['mechanism', { mecid: 1 }],
    ['hotkey', { hotkey: hotkey('5Other') }],
    ['period', { period: blocks(71) }],
  ])('lets another %s have a vector of its own', async (_name, changes) => {
    await using temporary = await temporaryLedger();
    const { protection } = temporary.ledger;
    await protection.claim(vector());
    expect(await protection.claim(vector({ values: [1, 2], ...changes }))).toBe('new');
    expect(await protection.list()).toHaveLength(2);
  });

  test.each([
    ['different lengths', { values: [1] }],
    ['a uid twice', { uids: [1, 1] }],
    ['a weight above 16 bits', { values: [65536, 0] }],
    ['a fraction', { values: [0.5, 1] }],
  ])('refuses a vector with %s before anything is recorded', async (_name, changes) => {
    await using temporary = await temporaryLedger();
    const { protection } = temporary.ledger;
    await expect(protection.claim(vector(changes))).rejects.toMatchObject({ code: 'OST_PROTECTION_MALFORMED' });
    expect(await protection.list()).toEqual([]);
  });

  test('lists the newest periods first, by hotkey and chain where asked', async () => {
    await using temporary = await temporaryLedger();
    const { protection } = temporary.ledger;
    for (const period of [70, 210, 140]) await protection.claim(vector({ period: blocks(period) }));
    await protection.claim(vector({ hotkey: hotkey('5Other'), genesis: '0xbb' }));
    const periods = async (filter: Parameters<typeof protection.list>[0]) =>
      (await protection.list(filter)).map(({ period }) => period);
    expect(await periods({ hotkey: hotkey('5Validator') })).toEqual([210, 140, 70]);
    expect(await periods({ hotkey: hotkey('5Validator'), limit: 1 })).toEqual([210]);
    expect(await periods({ genesis: '0xbb' })).toEqual([70]);
    expect(await periods({ netuid: netuid(2) })).toEqual([]);
    expect(await periods({ mecid: 1 })).toEqual([]);
    expect(await protection.show(vector({ period: blocks(1) }))).toBeNull();
  });

  test('lets one of ten processes win that claim at once', async () => {
    await using temporary = await temporaryLedger();
    const children = Array.from({ length: 10 }, (_, value) => startChild('claim', temporary.file, String(value)));
    const results = children.map(ended);
    await Promise.all(children.map(async ({ stdout }) => stdout && (await once(stdout, 'data'))));
    for (const child of children) child.stdin?.write('go\n');
    const lines = (await Promise.all(results)).map(({ output }) => output.split('\n')[1] ?? '');
    const winners = lines.filter((line) => line.startsWith('new '));
    expect(winners).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('OST_PROTECTION_CONFLICT '))).toHaveLength(9);
    const stored = await temporary.ledger.protection.show(vector());
    expect(stored?.values).toEqual([65535, Number(winners[0]?.split(' ')[1])]);
  });

  test('never gives two different vectors for one key, over any sequence of commands and two connections', async () => {
    await using temporary = await temporaryLedger();
    const second = await openLedger({ file: temporary.file });
    const ledgers = [temporary.ledger, second];
    const granted = new Map<string, string>();
    // Runs share the file, so that every run meets what the earlier ones recorded.
    const command = fc.record({
      connection: fc.nat(1),
      period: fc.nat(30).map(blocks),
      mecid: fc.nat(1),
      values: fc.array(fc.nat(2), { minLength: 2, maxLength: 2 }),
      reversed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (commands) => {
        for (const { connection, period, mecid, values, reversed } of commands) {
          const uids = reversed ? [2, 1] : [1, 2];
          const wanted = vector({ period, mecid, uids, values: reversed ? values.toReversed() : values });
          const key = `${mecid}/${period}`;
          const meaning = values.join();
          const answer = await ledgers[connection]?.protection.claim(wanted).catch((error: unknown) => {
            if (isOstinatoError(error, 'OST_PROTECTION_CONFLICT')) return 'conflict' as const;
            throw error;
          });
          const known = granted.get(key);
          expect(answer).toBe(known === undefined ? 'new' : known === meaning ? 'same' : 'conflict');
          if (answer === 'new') granted.set(key, meaning);
        }
      }),
      { numRuns: 50 },
    );
    await second.close();
  });
});
