import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Periods get a kind, and a period may hold several vectors: what two histories that were merged say of it. A primary
 * key cannot be changed in SQLite, so the table is built anew; what was recorded is of the kind `cycle`.
 */
export const protectionKinds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('protected_period')
      .addColumn('genesis', 'text', (column) => column.notNull())
      .addColumn('netuid', 'integer', (column) => column.notNull())
      .addColumn('mecid', 'integer', (column) => column.notNull())
      .addColumn('hotkey', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('period', 'bigint', (column) => column.notNull())
      .addColumn('vectors', 'text', (column) => column.notNull())
      .addColumn('sealed', 'integer', (column) => column.notNull())
      .addColumn('claimed_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('protected_period_key', ['genesis', 'netuid', 'mecid', 'hotkey', 'kind', 'period'])
      .execute();
    await db.schema
      .createTable('protection_start')
      .addColumn('genesis', 'text', (column) => column.notNull())
      .addColumn('netuid', 'integer', (column) => column.notNull())
      .addColumn('mecid', 'integer', (column) => column.notNull())
      .addColumn('hotkey', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('complete_from', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('protection_start_key', ['genesis', 'netuid', 'mecid', 'hotkey', 'kind'])
      .execute();
    await sql`
      insert into protected_period
        (genesis, netuid, mecid, hotkey, kind, period, vectors, sealed, claimed_at_ms)
      select
        genesis, netuid, mecid, hotkey, 'cycle', period, '[[' || uids || ',' || weights || ']]', 0, claimed_at_ms
      from protection`.execute(db);
    await db.schema.dropTable('protection').execute();
  },
};
