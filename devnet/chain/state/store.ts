import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Hex } from '../../../domain/units.ts';
import type { RawState } from './state.ts';

export interface StoredBlock {
  readonly number: number;
  readonly hash: Hex;
  /** The SCALE-encoded header. */
  readonly header: Uint8Array;
  /** Each extrinsic with its length in front. */
  readonly extrinsics: readonly Uint8Array[];
}

interface BlockRow {
  readonly number: number;
  readonly hash: Hex;
  readonly header: Buffer;
}

interface KeyRange {
  readonly from: string;
  readonly inclusive: 0 | 1;
  readonly end: string;
  readonly number: number;
  readonly count: number;
}

/**
 * The chain on disk: blocks, and every version of every storage value by the block that wrote it, so that the state of
 * any block can be read. A block is one transaction; what was announced survives a kill.
 */
export class ChainStore {
  readonly #db: Database.Database;
  readonly #statements: ReturnType<typeof prepare>;

  /** `null` keeps the chain in memory. Throws SQLITE_BUSY while another process has the folder. */
  constructor(folder: string | null) {
    if (folder !== null) mkdirSync(folder, { recursive: true });
    this.#db = new Database(folder === null ? ':memory:' : join(folder, 'chain.sqlite'), { timeout: 0 });
    // The lock of the database file is what keeps a second process out: the system drops it when its holder dies.
    this.#db.pragma('locking_mode = EXCLUSIVE');
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, header BLOB NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS extrinsic (
        number INTEGER NOT NULL, position INTEGER NOT NULL, encoded BLOB NOT NULL, PRIMARY KEY (number, position)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS state (
        key TEXT NOT NULL, number INTEGER NOT NULL, value BLOB, PRIMARY KEY (key, number)
      ) STRICT, WITHOUT ROWID;
    `);
    this.#statements = prepare(this.#db);
  }

  commit(block: StoredBlock, changes: ReadonlyMap<Hex, Uint8Array | null>): void {
    const { addBlock, addExtrinsic, addValue } = this.#statements;
    this.#db.transaction(() => {
      addBlock.run(block.number, block.hash, block.header);
      block.extrinsics.forEach((encoded, position) => {
        addExtrinsic.run(block.number, position, encoded);
      });
      for (const [key, value] of changes) addValue.run(key, block.number, value);
    })();
  }

  head(): StoredBlock | null {
    return this.#block(this.#statements.lastBlock.get());
  }

  blockByHash(hash: Hex): StoredBlock | null {
    return this.#block(this.#statements.blockByHash.get(hash));
  }

  blockByNumber(number: number): StoredBlock | null {
    return this.#block(this.#statements.blockByNumber.get(number));
  }

  numberOf(hash: Hex): number | null {
    return this.#statements.blockByHash.get(hash)?.number ?? null;
  }

  hashOf(number: number): Hex | null {
    return this.#statements.blockByNumber.get(number)?.hash ?? null;
  }

  /** The state after a block. */
  at(number: number): RawState {
    return { read: (key) => this.#statements.value.get(key, number)?.value ?? null };
  }

  /** All values of the newest state. */
  headValues(number: number): Map<Hex, Uint8Array> {
    const values = new Map<Hex, Uint8Array>();
    for (const { key, value } of this.#statements.values.iterate('0x', '0y', number)) {
      if (value !== null) values.set(key, value);
    }
    return values;
  }

  /** Keys under a prefix after `start`, in order of their bytes. */
  keys(prefix: Hex, start: Hex | null, count: number, number: number): Hex[] {
    const from = start !== null && start > prefix ? start : prefix;
    // `g` sorts behind every hex digit, so this bounds all keys with the prefix.
    const inclusive = start !== null && start >= prefix ? 0 : 1;
    const rows = this.#statements.keys.all({ from, inclusive, end: `${prefix}g`, number, count });
    return rows.map(({ key }) => key);
  }

  /** The keys that a block wrote, among those asked for. */
  changedIn(number: number, keys: readonly Hex[]): Hex[] {
    return keys.filter((key) => this.#statements.changed.get(key, number) !== undefined);
  }

  /** What a block wrote. */
  writtenIn(number: number): readonly (readonly [Hex, Uint8Array | null])[] {
    return this.#statements.written.all(number).map(({ key, value }) => [key, value] as const);
  }

  /** Takes all blocks above this one away, and every value that they wrote. */
  rollback(number: number): void {
    const { dropBlocks, dropExtrinsics, dropValues } = this.#statements;
    this.#db.transaction(() => {
      dropBlocks.run(number);
      dropExtrinsics.run(number);
      dropValues.run(number);
    })();
  }

  close(): void {
    this.#db.close();
  }

  #block(row: BlockRow | undefined): StoredBlock | null {
    if (row === undefined) return null;
    const extrinsics = this.#statements.extrinsics.all(row.number).map(({ encoded }) => encoded);
    return { ...row, extrinsics };
  }
}

function prepare(db: Database.Database) {
  interface Value {
    readonly value: Buffer | null;
  }
  interface Key {
    readonly key: Hex;
  }
  return {
    addBlock: db.prepare<[number, Hex, Uint8Array]>('INSERT INTO block VALUES (?, ?, ?)'),
    addExtrinsic: db.prepare<[number, number, Uint8Array]>('INSERT INTO extrinsic VALUES (?, ?, ?)'),
    addValue: db.prepare<[Hex, number, Uint8Array | null]>('INSERT INTO state VALUES (?, ?, ?)'),
    lastBlock: db.prepare<[], BlockRow>('SELECT * FROM block ORDER BY number DESC LIMIT 1'),
    blockByHash: db.prepare<[Hex], BlockRow>('SELECT * FROM block WHERE hash = ?'),
    blockByNumber: db.prepare<[number], BlockRow>('SELECT * FROM block WHERE number = ?'),
    extrinsics: db.prepare<[number], { readonly encoded: Buffer }>(
      'SELECT encoded FROM extrinsic WHERE number = ? ORDER BY position',
    ),
    value: db.prepare<[Hex, number], Value>(
      'SELECT value FROM state WHERE key = ? AND number <= ? ORDER BY number DESC LIMIT 1',
    ),
    changed: db.prepare<[Hex, number], { readonly number: number }>(
      'SELECT number FROM state WHERE key = ? AND number = ?',
    ),
    written: db.prepare<[number], Key & Value>('SELECT key, value FROM state WHERE number = ?'),
    dropBlocks: db.prepare<[number]>('DELETE FROM block WHERE number > ?'),
    dropExtrinsics: db.prepare<[number]>('DELETE FROM extrinsic WHERE number > ?'),
    dropValues: db.prepare<[number]>('DELETE FROM state WHERE number > ?'),
    // Where a query has one max(), SQLite takes the other columns from the row that holds it: the newest version.
    values: db.prepare<[string, string, number], Key & Value>(
      'SELECT key, value, max(number) FROM state WHERE key >= ? AND key < ? AND number <= ? GROUP BY key',
    ),
    keys: db.prepare<KeyRange, Key>(
      `SELECT key FROM (
         SELECT key, value, max(number) FROM state
         WHERE key >= @from AND (@inclusive OR key > @from) AND key < @end AND number <= @number GROUP BY key
       ) WHERE value IS NOT NULL ORDER BY key LIMIT @count`,
    ),
  };
}
