import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../../../adapters/ledger/migrations/list.ts';
import { type Ledger, openLedger } from '../../../adapters/ledger/open.ts';
import { sqliteDialect } from '../../../adapters/ledger/sqlite.ts';
import { blocks, hotkey } from '../../../domain/units.ts';
import { rootMessage } from '../../../domain/verdict.ts';
import { cycleRecord, minerHotkey, scope, submission, validator } from '../../domain/cycle-fixture.ts';
import { receipt } from './receipt.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const names = Object.keys(migrations).toSorted();
/** A cycle as the first version could record it. */
const record = cycleRecord([submission(1), submission(2, { outcome: 'miner_fault', reason: 'hash', w: null })]);
const kept = receipt({ netuid: scope.netuid, validator, cycle: 7, hotkey: minerHotkey(1) });
const vector = { ...scope, mecid: 0, hotkey: validator, period: blocks(490), uids: [1, 2], values: [65_535, 7] };
const write = {
  key: 'commitment/7',
  chain: 'devnet',
  hotkey: validator,
  request: {
    key: 'commitment/7',
    call: { kind: 'set_commitment', netuid: scope.netuid, text: '{"é":1}' },
    deadline: blocks(100),
    replyTo: null,
  },
  outcome: null,
  extrinsicHash: null,
  block: null,
} as const;
const signed = {
  hash: '0xab',
  key: write.key,
  nonce: 3,
  eraBirth: blocks(96),
  eraPeriod: 8,
  bytesHex: '0x01',
} as const;
const root = { ...rootMessage(record, 'ab'.repeat(32)), signature: 'A'.repeat(86) };

/** Everything that a ledger holds, by the parts that came with each version. */
async function fill(ledger: Ledger): Promise<void> {
  await ledger.cycles.finish(record);
  await ledger.submissions.accept(kept);
  await ledger.requests.once('a signature', blocks(200));
  await ledger.protection.claim({ ...vector, kind: 'cycle' });
  await ledger.writes.record(write);
  await ledger.prepared.record(signed);
  await ledger.presence.note('server', blocks(520), blocks(530));
  await ledger.peers.record(root, blocks(560));
}

/**
 * A ledger as it was when only so many migrations were there, with the rows of today's as far as it could hold them.
 */
async function ledgerOf(count: number, file: string, today: string): Promise<void> {
  const applied = Object.fromEntries(names.slice(0, count).map((name) => [name, migrations[name]]));
  const db = new Kysely<unknown>({ dialect: sqliteDialect(file) });
  const known = Object.fromEntries(Object.entries(applied).flatMap(([name, each]) => (each ? [[name, each]] : [])));
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => known } }).migrateToLatest();
  await db.destroy();
  if (error !== undefined) throw error;

  const [old, source] = [new Database(file), new Database(today)];
  const columnsOf = (database: Database.Database, table: string) =>
    (database.pragma(`table_info(${table})`) as readonly { readonly name: string }[]).map(({ name }) => name);
  const tables = old.prepare("select name from sqlite_master where type = 'table'").pluck().all().map(String);
  for (const table of tables.filter((each) => !each.startsWith('kysely_') && !each.startsWith('sqlite_'))) {
    const shared = columnsOf(old, table).filter((column) => columnsOf(source, table).includes(column));
    if (shared.length === 0) continue;
    const insert = old.prepare(
      `insert into ${table} (${shared.join()}) values (${shared.map((column) => `@${column}`).join()})`,
    );
    for (const row of source.prepare(`select ${shared.join()} from ${table}`).all()) insert.run(row);
  }
  // The one table that has another name today.
  if (tables.includes('protection')) {
    const { genesis, netuid, mecid, hotkey: of, period, uids, values } = vector;
    old
      .prepare('insert into protection values (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(genesis, netuid, mecid, of, period, JSON.stringify(uids), JSON.stringify(values), 1);
  }
  old.close();
  source.close();
}

/** From which version on a ledger could hold something. */
const since = (name: string): number => names.indexOf(name) + 1;

test.each(names.map((name, index) => [name, index + 1] as const))(
  'a ledger as of %s opens with all that is in it, and goes on',
  async (_name, count) => {
    await using temporary = await temporaryLedger();
    await fill(temporary.ledger);
    const file = join(temporary.folder, 'old.sqlite');
    await ledgerOf(count, file, temporary.file);

    const ledger = await openLedger({ file });
    try {
      // Reading a cycle recomputes its root from every row.
      expect((await ledger.cycles.get(validator, 7, scope))?.record).toEqual(record);
      expect(await ledger.submissions.find(kept)).toEqual(kept);
      expect(await ledger.requests.once('a signature', blocks(201))).toBe(false);
      expect(await ledger.writes.list()).toEqual([write]);
      expect(await ledger.prepared.list(write.key)).toEqual([signed]);
      expect(await ledger.protection.list()).toMatchObject([
        { kind: 'cycle', period: 490, uids: [1, 2], values: [65_535, 7], sealed: false },
      ]);
      await expect(ledger.protection.claim({ ...vector, kind: 'cycle', values: [7, 65_535] })).rejects.toMatchObject({
        code: 'OST_PROTECTION_CONFLICT',
      });
      expect(await ledger.protection.claim({ ...vector, kind: 'cycle' })).toBe('same');
      expect(await ledger.presence.covers('server', blocks(520), blocks(530))).toBe(count >= since('0002-presence'));
      const roots = await ledger.peers.list({ ...scope, cycle: 7, purpose: 'cycle-root' });
      expect(roots.map(({ message }) => message)).toEqual(count >= since('0006-peers') ? [root] : []);

      const copyOf = { hotkey: minerHotkey(1), measure: 'file', similarity: 1 } as const;
      const next = cycleRecord([submission(1), submission(3, { sketch: 'ab', copyOf })], {
        cycle: 8,
        changes: { assignment: [{ validator, miners: [minerHotkey(1)] }], peerWeights: [] },
      });
      await ledger.cycles.finish(next);
      expect((await ledger.cycles.latest(validator, scope))?.record).toEqual(next);
      const source = 'http://5Other/file';
      await ledger.submissions.accept({ ...kept, hotkey: hotkey('5Other'), source });
      expect(await ledger.submissions.find({ ...kept, hotkey: hotkey('5Other') })).toMatchObject({ source });
      await fill(ledger);
    } finally {
      await ledger.close();
    }
  },
);
