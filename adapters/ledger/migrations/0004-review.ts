import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How a cycle's vector was reviewed, where something held it back. */
export const review: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('cycle').addColumn('review', 'text').execute();
  },
};
