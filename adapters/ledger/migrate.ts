import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { migrations } from './migrations/list.ts';
import type { LedgerTables } from './tables.ts';

const missing = /previously executed migration (\S+) is missing/;

/** Brings the tables up to date. Several processes may do it at once: the first one does the work. */
export async function migrate(db: Kysely<LedgerTables>, file: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (isOstinatoError(error)) throw error;
  const detail = messageOf(error);
  const newer = missing.exec(detail)?.[1];
  if (newer !== undefined) throw fail('OST_LEDGER_NEWER', { file, migration: newer });
  throw fail('OST_LEDGER_FAILED', { file, detail }, { cause: error });
}
