import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How the validators' models came together. */
export const merge: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('cycle').addColumn('merge', 'text').execute();
  },
};
