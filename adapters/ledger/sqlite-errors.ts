import { fail, messageOf, type OstinatoError } from '../../domain/errors/error.ts';

/**
 * The catalogue's error for what SQLite reports; anything that SQLite did not raise comes back as it is. Told by its
 * code, not by its class: the native part of the driver keeps the first copy of the class that a process loads.
 */
export function sqliteError(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  return error.code.startsWith('SQLITE_') ? classify(file, error.code, error) : error;
}

function classify(file: string, code: string, cause: Error): OstinatoError {
  const detail = `${code}: ${messageOf(cause)}`;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return fail('OST_LEDGER_BUSY', { file, detail }, { cause });
  if (code === 'SQLITE_FULL') return fail('OST_LEDGER_FULL', { file }, { cause });
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
    return fail('OST_LEDGER_UNWRITABLE', { file, detail }, { cause });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return fail('OST_LEDGER_CORRUPT', { file, detail }, { cause });
  if (code.startsWith('SQLITE_IOERR')) return fail('OST_LEDGER_IO', { file, detail }, { cause });
  return fail('OST_LEDGER_FAILED', { file, detail }, { cause });
}
