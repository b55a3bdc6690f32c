import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** When a process was at work, in blocks: what tells a miner that sent nothing from a server that was not there. */
export const presence: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('presence')
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('from_block', 'bigint', (column) => column.notNull())
      .addColumn('to_block', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('presence_key', ['role', 'from_block'])
      .execute();
  },
};
