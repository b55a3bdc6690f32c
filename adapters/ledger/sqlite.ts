import Database from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import { fail, messageOf } from '../../domain/errors/error.ts';
import { patiently } from './patience.ts';
import { sqliteError } from './sqlite-errors.ts';

/** All that is particular to SQLite is in this file; the rest of the ledger also speaks to PostgreSQL. */

/** Statements with their own texts are few; those kept are compiled once in a process. */
const statementsKept = 200;

function translating<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteError(file, error);
  }
}

function* translatingRows(file: string, statement: Database.Statement, parameters: readonly unknown[]) {
  try {
    yield* statement.iterate(...parameters);
  } catch (error) {
    throw sqliteError(file, error);
  }
}

/** Lends better-sqlite3 to the query builder: keeps compiled statements, and raises the catalogue's errors. */
function lend(file: string, database: Database.Database): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  const compile = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql);
    return {
      reader: statement.reader,
      all: (parameters) => translating(file, () => statement.all(...parameters)),
      run: (parameters) => translating(file, () => statement.run(...parameters)),
      iterate: (parameters) => translatingRows(file, statement, parameters),
    };
  };
  return {
    prepare(sql) {
      const known = kept.get(sql);
      if (known !== undefined) return known;
      const statement = translating(file, () => compile(sql));
      if (kept.size < statementsKept) kept.set(sql, statement);
      return statement;
    },
    close: () => translating(file, () => database.close()),
  };
}

/**
 * Waits for locks statement by statement. Only what begins a transaction, or is one by itself, can find the ledger
 * locked, so repeating the statement repeats nothing else.
 */
class PatientConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection;

  constructor(inner: DatabaseConnection) {
    this.#inner = inner;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return patiently(() => this.#inner.executeQuery<R>(query));
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#inner.streamQuery<R>(query, chunkSize);
  }
}

/**
 * Takes the write lock when a transaction begins. SQLite's own default takes it at the first write, and if another
 * process wrote since the transaction's first read that fails at once, however long one is ready to wait.
 */
class ImmediateDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    return new PatientConnection(await super.acquireConnection());
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /**
   * SQLite ends a transaction by itself when the disk is full; what it said of that must not be lost in the end of one.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection);
    } catch (error) {
      if (!/no transaction is active/.test(messageOf(error))) throw error;
    }
  }
}

/** Lets migrations run in one transaction, so that two processes that open an empty file do not both create it. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class LedgerDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#database });
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

function open(file: string): Database.Database {
  try {
    return new Database(file, { timeout: 0 });
  } catch (error) {
    // A missing folder is a TypeError of the driver, before SQLite is asked.
    if (error instanceof TypeError) throw fail('OST_LEDGER_UNWRITABLE', { file, detail: messageOf(error) });
    throw sqliteError(file, error);
  }
}

/**
 * Opens a SQLite file for several processes at once. WAL lets readers go on beside a writer; synchronous FULL is what
 * makes a commit survive a power cut (the driver's own default for WAL does not), and without it a protection record
 * would be none.
 */
export function openDatabase(file: string, maxPages?: number): Database.Database {
  const database = open(file);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`);
    return database;
  } catch (error) {
    database.close();
    throw sqliteError(file, error);
  }
}

export const sqliteDialect = (file: string, maxPages?: number): SqliteDialect =>
  new LedgerDialect(lend(file, openDatabase(file, maxPages)));
