import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { openDatabase } from '../../../adapters/ledger/sqlite.ts';
import { sqliteError } from '../../../adapters/ledger/sqlite-errors.ts';
import { bigCycle, validator } from '../../domain/cycle-fixture.ts';
import { temporaryLedger } from './temporary-ledger.ts';

/** Changes the file behind the ledger's back. */
function tamper(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

describe('opening a ledger', () => {
  test('creates it and keeps what is in it', async () => {
    await using temporary = await temporaryLedger();
    await temporary.ledger.cycles.finish(bigCycle(2));
    await temporary.ledger.close();
    const again = await openLedger({ file: temporary.file });
    expect((await again.cycles.latest(validator))?.record).toEqual(bigCycle(2));
    await again.close();
  });

  test('makes every commit reach the disk: write-ahead log, full synchronisation, checked references', async () => {
    await using temporary = await temporaryLedger();
    const database = openDatabase(temporary.file);
    const pragma = (name: string) => database.pragma(name, { simple: true });
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1]);
    database.close();
  });

  test('works from many connections at once on a file that does not exist yet', async () => {
    await using temporary = await temporaryLedger();
    const file = join(temporary.folder, 'other.sqlite');
    const ledgers = await Promise.all(Array.from({ length: 6 }, () => openLedger({ file })));
    await Promise.all(ledgers.map((ledger, number) => ledger.cycles.finish(bigCycle(3, number))));
    expect(await ledgers[0]?.cycles.list()).toHaveLength(6);
    for (const ledger of ledgers) await ledger.close();
  });

  test.each([
    ['is a folder', async (file: string) => void (await mkdir(file)), 'OST_LEDGER_UNWRITABLE'],
    ['is something else than a database', (file: string) => writeFile(file, 'x'.repeat(5000)), 'OST_LEDGER_CORRUPT'],
  ])('refuses a path that %s', async (_name, prepare, code) => {
    await using temporary = await temporaryLedger();
    const file = join(temporary.folder, 'other.sqlite');
    await prepare(file);
    await expect(openLedger({ file })).rejects.toMatchObject({ code });
  });

  test('refuses a path whose folder is missing', async () => {
    await using temporary = await temporaryLedger();
    const file = join(temporary.folder, 'missing', 'ledger.sqlite');
    await expect(openLedger({ file })).rejects.toMatchObject({ code: 'OST_LEDGER_UNWRITABLE' });
  });

  test('refuses a folder in which nothing can be created', async () => {
    // In /proc not even root can, whom permissions do not stop.
    await expect(openLedger({ file: '/proc/ledger.sqlite' })).rejects.toMatchObject({ code: 'OST_LEDGER_UNWRITABLE' });
  });

  test('refuses a ledger that a newer version wrote', async () => {
    await using temporary = await temporaryLedger();
    tamper(temporary.file, `insert into kysely_migration values ('9999-later', '2030-01-01')`);
    await expect(openLedger({ file: temporary.file })).rejects.toMatchObject({
      code: 'OST_LEDGER_NEWER',
      params: { migration: '9999-later' },
    });
  });
});

describe('an open ledger', () => {
  test('waits for a lock that another process holds, without holding up this one', async () => {
    await using temporary = await temporaryLedger();
    const holder = new Database(temporary.file);
    holder.exec('begin immediate');
    const finished = temporary.ledger.cycles.finish(bigCycle(2));
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
      if (turns === 5) holder.exec('commit');
    }, 10);
    expect((await finished).kind).toBe('new');
    clearInterval(ticking);
    expect(turns).toBeGreaterThanOrEqual(5);
    holder.close();
  });

  test('says that the disk is full, has written nothing, and goes on when there is space again', async () => {
    await using temporary = await temporaryLedger();
    const { file } = temporary;
    const small = await openLedger({ file });
    await small.cycles.finish(bigCycle(1, 1));
    await small.close();
    // A quota in the database's own terms: it may not grow beyond the pages that it has.
    const limited = await openLedger({ file, maxPages: 1 });
    await expect(limited.cycles.finish(bigCycle(256, 2))).rejects.toMatchObject({ code: 'OST_LEDGER_FULL' });
    expect(await limited.cycles.list()).toHaveLength(1);
    await limited.close();
    expect((await temporary.ledger.cycles.finish(bigCycle(256, 2))).kind).toBe('new');
  });

  test('says that its file is damaged', async () => {
    await using temporary = await temporaryLedger();
    await temporary.ledger.cycles.finish(bigCycle(200));
    await temporary.ledger.close();
    const bytes = await readFile(temporary.file);
    await writeFile(temporary.file, bytes.fill(0xa5, 4096));
    const opening = openLedger({ file: temporary.file }).then(async (ledger) => {
      try {
        return await ledger.cycles.latest(validator);
      } finally {
        await ledger.close();
      }
    });
    await expect(opening).rejects.toMatchObject({ code: 'OST_LEDGER_CORRUPT' });
  });
});

describe('what SQLite reports', () => {
  test.each([
    ['SQLITE_BUSY', 'OST_LEDGER_BUSY', true],
    ['SQLITE_BUSY_SNAPSHOT', 'OST_LEDGER_BUSY', true],
    ['SQLITE_LOCKED', 'OST_LEDGER_BUSY', true],
    ['SQLITE_FULL', 'OST_LEDGER_FULL', true],
    ['SQLITE_READONLY_DIRECTORY', 'OST_LEDGER_UNWRITABLE', false],
    ['SQLITE_CANTOPEN', 'OST_LEDGER_UNWRITABLE', false],
    ['SQLITE_CORRUPT_INDEX', 'OST_LEDGER_CORRUPT', false],
    ['SQLITE_NOTADB', 'OST_LEDGER_CORRUPT', false],
    ['SQLITE_IOERR_FSYNC', 'OST_LEDGER_IO', true],
    ['SQLITE_CONSTRAINT_UNIQUE', 'OST_LEDGER_FAILED', false],
  ])('as %s becomes %s', (sqlite, code, retryable) => {
    const cause = new Database.SqliteError('why', sqlite);
    expect(sqliteError('f', cause)).toMatchObject({ code, retryable, cause, params: { file: 'f' } });
  });

  test('leaves other errors alone', () => {
    const error = new TypeError('other');
    expect(sqliteError('f', error)).toBe(error);
  });
});
