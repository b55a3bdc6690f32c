import { type Compilable, CompiledQuery, type Kysely } from 'kysely';
import type { LedgerTables } from './tables.ts';

/**
 * Rows per statement, largest first: well below SQLite's 32766 and PostgreSQL's 65535 parameters. Few sizes, so that
 * the statements of a table can be kept; building their text anew would cost more than the inserts themselves.
 */
const sizes = [64, 16, 4, 1] as const;

export type InsertRows = <R extends object>(
  db: Kysely<LedgerTables>,
  table: keyof LedgerTables,
  rows: readonly R[],
  /** The statement for so many rows; called once for each size. */
  statement: (chunk: readonly R[]) => Compilable,
) => Promise<void>;

/** Inserts any number of rows with few statements. All rows of a table have the same columns in the same order. */
export function rowInserter(): InsertRows {
  const texts = new Map<string, string>();
  return async (db, table, rows, statement) => {
    let start = 0;
    for (const size of sizes) {
      for (; rows.length - start >= size; start += size) {
        const chunk = rows.slice(start, start + size);
        const key = `${table}/${size}`;
        const text = texts.get(key) ?? statement(chunk).compile().sql;
        texts.set(key, text);
        await db.executeQuery(CompiledQuery.raw(text, chunk.flatMap(Object.values)));
      }
    }
  };
}
