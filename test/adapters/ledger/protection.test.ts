import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../../../adapters/ledger/migrations/list.ts';
import { openLedger } from '../../../adapters/ledger/open.ts';
import type { ProtectedVector } from '../../../adapters/ledger/protection.ts';
import { openDatabase, sqliteDialect } from '../../../adapters/ledger/sqlite.ts';
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

describe('a claim', () => {
  test('that finds the disk full is refused by its own error, and claims nothing', async () => {
    await using temporary = await temporaryLedger();
    const many = Array.from({ length: 4096 }, (_, uid) => uid);
    const large = vector({ uids: many, values: many });
    // A quota in the database's own terms: it may not grow beyond the pages that it has.
    const limited = await openLedger({ file: temporary.file, maxPages: 1 });
    await expect(limited.protection.claim(large)).rejects.toMatchObject({ code: 'OST_LEDGER_FULL', retryable: true });
    expect(await limited.protection.list()).toEqual([]);
    // The connection is of use afterwards: nothing was left open.
    await expect(limited.protection.claim(large)).rejects.toMatchObject({ code: 'OST_LEDGER_FULL' });
    await limited.close();
    expect(await temporary.ledger.protection.claim(large)).toBe('new');
  });

  test('is on the disk when it returns: a copy of the files has it, and the log is synchronised with each commit', async () => {
    await using temporary = await temporaryLedger();
    await temporary.ledger.protection.claim(vector({ period: blocks(1) }));
    // Whoever copies the files now has what a power cut would have left; nothing is in a buffer of the process.
    const file = join(temporary.folder, 'copy.sqlite');
    for (const suffix of ['', '-wal']) await copyFile(`${temporary.file}${suffix}`, `${file}${suffix}`);
    const copy = await openLedger({ file });
    expect(await copy.protection.show(vector({ period: blocks(1) }))).toMatchObject({ uids: [1, 2] });
    await copy.close();
    const database = openDatabase(temporary.file);
    const pragma = (name: string) => database.pragma(name, { simple: true });
    // 2 is FULL: the log is synchronised with every commit, not at its next checkpoint.
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 2]);
    database.close();
  });

  test('waits for an import that another process makes, and then knows what was imported', async () => {
    await using temporary = await temporaryLedger();
    const holder = new Database(temporary.file);
    holder.exec('begin immediate');
    holder.exec(`insert into protected_period values
      ('0xaa', 1, 0, '5Validator', 'cycle', 70, '[[[1,2],[65535,7]]]', 0, 0)`);
    const claimed = temporary.ledger.protection.claim(vector()).catch((error: unknown) => error);
    const ticking = setTimeout(() => holder.exec('commit'), 50);
    expect(await claimed).toMatchObject({ code: 'OST_PROTECTION_CONFLICT' });
    clearTimeout(ticking);
    holder.close();
  });

  test('does not wait for an export, nor an export for a claim that is not yet decided', async () => {
    await using temporary = await temporaryLedger();
    const second = await openLedger({ file: temporary.file });
    await temporary.ledger.protection.claim(vector());
    const [history, claimed] = await Promise.all([
      second.protection.history({ genesis: '0xaa' }),
      temporary.ledger.protection.claim(vector({ period: blocks(115) })),
    ]);
    expect(claimed).toBe('new');
    const periods = history.series[0]?.periods.map(({ period }) => period);
    expect([[70], [70, 115]]).toContainEqual(periods);
    await second.close();
  });

  test('of a record of the first version is still known', async () => {
    await using temporary = await temporaryLedger();
    const file = join(temporary.folder, 'old.sqlite');
    const old = new Kysely<unknown>({ dialect: sqliteDialect(file) });
    const released = Object.fromEntries(Object.entries(migrations).slice(0, 2));
    const { error } = await new Migrator({
      db: old,
      provider: { getMigrations: async () => released },
    }).migrateToLatest();
    expect(error).toBeUndefined();
    await sql`insert into protection values
      ('0xaa', 1, 0, '5Validator', 70, '[1,2]', '[65535,100]', 5),
      ('0xaa', 1, 0, '5Validator', 115, '[]', '[]', 6)`.execute(old);
    await old.destroy();
    const ledger = await openLedger({ file });
    expect(await ledger.protection.claim(vector())).toBe('same');
    await expect(ledger.protection.claim(vector({ values: [1, 1] }))).rejects.toMatchObject({
      code: 'OST_PROTECTION_CONFLICT',
    });
    expect(await ledger.protection.list()).toMatchObject([
      { period: 115, kind: 'cycle', uids: [], values: [], sealed: false, claimedAtMs: 6 },
      { period: 70, kind: 'cycle', uids: [1, 2], values: [65535, 100], sealed: false, claimedAtMs: 5 },
    ]);
    expect(await ledger.protection.claim(vector({ kind: 'resend', values: [1, 1] }))).toBe('new');
    await ledger.close();
  });
});
