import type { Insertable, Kysely } from 'kysely';
import type { LedgerTables } from './tables.ts';

/** Well below SQLite's 32766 and PostgreSQL's 65535 parameters for a row of twenty columns. */
const rowsPerStatement = 64;

/** Inserts any number of rows with few statements; an empty list is none. */
export async function insertRows<T extends keyof LedgerTables & string>(
  db: Kysely<LedgerTables>,
  table: T,
  rows: readonly Insertable<LedgerTables[T]>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    await db
      .insertInto(table)
      .values(rows.slice(start, start + rowsPerStatement))
      .execute();
  }
}
