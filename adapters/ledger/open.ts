import { Kysely } from 'kysely';
import { type Cycles, cycles } from './cycles.ts';
import { migrate } from './migrate.ts';
import { patiently } from './patience.ts';
import { type PeerMessages, peerMessages } from './peer-messages.ts';
import { type Prepared, prepared } from './prepared.ts';
import { type Presence, presence } from './presence.ts';
import { type Protection, protection } from './protection.ts';
import { type Receipts, receipts } from './receipts.ts';
import { type Requests, requests } from './requests.ts';
import { type Scores, scores } from './scores.ts';
import { sqliteDialect } from './sqlite.ts';
import type { LedgerTables } from './tables.ts';
import { type Writes, writes } from './writes.ts';

/** The truth of what is finished: what scores, dashboards and audits read. Any number of processes may hold it open. */
export interface Ledger {
  /** Where it lies, for messages. */
  readonly file: string;
  readonly protection: Protection;
  readonly submissions: Receipts;
  readonly requests: Requests;
  readonly cycles: Cycles;
  readonly scores: Scores;
  readonly writes: Writes;
  readonly prepared: Prepared;
  readonly presence: Presence;
  readonly peers: PeerMessages;
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly file: string;
  /** The most pages (of 4096 bytes) that the file may have; left out, the disk is the limit. */
  readonly maxPages?: number;
  /** Told of each statement after it was carried out. */
  readonly onStatement?: (sql: string) => void;
}

async function connect({ file, maxPages, onStatement }: LedgerOptions): Promise<Kysely<LedgerTables>> {
  const db = new Kysely<LedgerTables>({
    dialect: sqliteDialect(file, maxPages),
    ...(onStatement === undefined ? {} : { log: (event) => onStatement(event.query.sql) }),
  });
  try {
    await migrate(db, file);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/**
 * Opens a ledger, creating it where there is none, and brings its tables up to date. Raises OST_LEDGER_UNWRITABLE,
 * _BUSY, _FULL, _CORRUPT or _NEWER.
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  // Switching a new file to WAL needs it alone, so opening has to be patient as a whole.
  return assemble(await patiently(() => connect(options)), options.file);
}

function assemble(db: Kysely<LedgerTables>, file: string): Ledger {
  const finished = cycles(db, file);
  return {
    file,
    protection: protection(db),
    submissions: receipts(db),
    requests: requests(db),
    cycles: finished,
    scores: scores(finished),
    writes: writes(db),
    prepared: prepared(db),
    presence: presence(db),
    peers: peerMessages(db),
    close: () => db.destroy(),
  };
}
