import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What judging goes by besides the losses: the validators' own weights, sketches of updates, and who copied whom. */
export const judging: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('cycle').addColumn('peer_weights', 'text').execute();
    await db.schema.alterTable('cycle').addColumn('agreement', 'text').execute();
    await db.schema.alterTable('cycle_submission').addColumn('sketch', 'text').execute();
    await db.schema.alterTable('cycle_submission').addColumn('copy_of', 'text').execute();
  },
};
