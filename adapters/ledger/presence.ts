import type { Kysely } from 'kysely';
import type { Blocks } from '../../domain/units.ts';
import type { LedgerTables } from './tables.ts';

/** In which blocks a process of the deployment was at work. */
export interface Presence {
  /** Notes that a role was at work from one block to another; extends what began at the same block. */
  note(role: string, from: Blocks, to: Blocks): Promise<void>;
  /**
   * Whether a role was there for the whole of a range. A gap of up to `toleratedBlocks` blocks counts as presence: a
   * quick restart costs an uploader a retry and nothing more.
   */
  covers(role: string, from: Blocks, to: Blocks, toleratedBlocks?: number): Promise<boolean>;
}

export function presence(db: Kysely<LedgerTables>): Presence {
  return {
    async note(role, from, to) {
      await db
        .insertInto('presence')
        .values({ role, from_block: from, to_block: to })
        .onConflict((conflict) => conflict.columns(['role', 'from_block']).doUpdateSet({ to_block: to }))
        .execute();
    },

    async covers(role, from, to, toleratedBlocks = 1) {
      const spans = await db
        .selectFrom('presence')
        .select(['from_block', 'to_block'])
        .where('role', '=', role)
        .where('to_block', '>=', from - toleratedBlocks)
        .where('from_block', '<=', to)
        .orderBy('from_block')
        .execute();
      let covered: number = from - 1;
      for (const span of spans) {
        if (span.from_block > covered + 1 + toleratedBlocks) return false;
        covered = Math.max(covered, span.to_block);
      }
      return covered + toleratedBlocks >= to;
    },
  };
}
