import type { Kysely } from 'kysely';
import type { Blocks } from '../../domain/units.ts';
import type { LedgerTables } from './tables.ts';

/** A replay guard that survives restarts. */
export interface Requests {
  /**
   * True the first time that a key is seen, false ever after, in all processes on this ledger. Also false for a block
   * before the last {@link prune}: whether such a key was seen is no longer known.
   */
  once(key: string, block: Blocks): Promise<boolean>;
  /** Forgets the keys of blocks before this one, and from then on refuses such blocks. Returns how many it forgot. */
  prune(before: Blocks): Promise<number>;
}

const mark = 'requests';

export function requests(db: Kysely<LedgerTables>): Requests {
  return {
    once: (key, block) =>
      // One transaction, or a key could slip in between another process's new mark and its deletion.
      db.transaction().execute(async (transaction) => {
        const pruned = await transaction
          .selectFrom('watermark')
          .select('block')
          .where('name', '=', mark)
          .executeTakeFirst();
        if (pruned !== undefined && block < pruned.block) return false;
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('request')
          .values({ key, block })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      }),

    prune: (before) =>
      db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('watermark')
          .values({ name: mark, block: before })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet({ block: before }).where('watermark.block', '<', before),
          )
          .execute();
        const { numDeletedRows } = await transaction
          .deleteFrom('request')
          .where('block', '<', before)
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
  };
}
