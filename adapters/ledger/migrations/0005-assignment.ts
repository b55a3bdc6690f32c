import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Which validator was to judge whom first. */
export const assignment: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('cycle').addColumn('assignment', 'text').execute();
  },
};
