import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Where a submission was fetched that its miner did not send. */
export const pulled: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('receipt').addColumn('source', 'text').execute();
  },
};
