import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What validators said to each other: signed, so that it can be shown again, and with the block at which it came. */
export const peers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('peer_message')
      .addColumn('netuid', 'integer', (column) => column.notNull())
      .addColumn('cycle', 'bigint', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('sender', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('genesis', 'text', (column) => column.notNull())
      .addColumn('recipient', 'text', (column) => column.notNull())
      .addColumn('block', 'bigint', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('signature', 'text', (column) => column.notNull())
      .addColumn('received_at_block', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('peer_message_key', ['genesis', 'netuid', 'cycle', 'purpose', 'sender', 'digest'])
      .execute();
  },
};
