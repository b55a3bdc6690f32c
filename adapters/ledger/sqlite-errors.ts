import { fail, type OstinatoError } from '../../domain/errors/error.ts';

interface SqliteReport {
  readonly code: string;
  readonly message: string;
}

/** Told by its code, not by its class: the driver's native part keeps the first copy of the class in a process. */
const isReport = (error: unknown): error is SqliteReport =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('SQLITE_') &&
  'message' in error &&
  typeof error.message === 'string';

/** The catalogue's error for what SQLite reports; anything that SQLite did not raise comes back as it is. */
export function sqliteError(file: string, error: unknown): unknown {
  return isReport(error) ? classify(file, error) : error;
}

function classify(file: string, cause: SqliteReport): OstinatoError {
  const { code } = cause;
  const detail = `${code}: ${cause.message}`;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return fail('OST_LEDGER_BUSY', { file, detail }, { cause });
  if (code === 'SQLITE_FULL') return fail('OST_LEDGER_FULL', { file }, { cause });
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
    return fail('OST_LEDGER_UNWRITABLE', { file, detail }, { cause });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return fail('OST_LEDGER_CORRUPT', { file, detail }, { cause });
  if (code.startsWith('SQLITE_IOERR')) return fail('OST_LEDGER_IO', { file, detail }, { cause });
  return fail('OST_LEDGER_FAILED', { file, detail }, { cause });
}
