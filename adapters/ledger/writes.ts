import type { Kysely, Selectable } from 'kysely';
import type { WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import type { Blocks, Hex, Hotkey } from '../../domain/units.ts';
import type { ChainWriteTable, LedgerTables } from './tables.ts';

/** One wanted write and what became of it. */
export interface WriteRow {
  readonly key: string;
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly request: WriteRequest;
  /** Null while it is open. */
  readonly outcome: WriteOutcome | null;
  readonly extrinsicHash: Hex | null;
  readonly block: Blocks | null;
}

export interface Writes {
  /** Writes or replaces the row of a key. */
  record(row: WriteRow): Promise<void>;
  get(key: string): Promise<WriteRow | null>;
  /** Last changed first. */
  list(filter?: { readonly hotkey?: Hotkey; readonly limit?: number }): Promise<readonly WriteRow[]>;
}

const rowOf = (row: Selectable<ChainWriteTable>): WriteRow => ({
  key: row.key,
  chain: row.chain,
  hotkey: row.hotkey as Hotkey,
  request: JSON.parse(row.request) as WriteRequest,
  outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as WriteOutcome),
  extrinsicHash: row.extrinsic_hash as Hex | null,
  block: row.block as Blocks | null,
});

export function writes(db: Kysely<LedgerTables>): Writes {
  return {
    async record({ key, chain, hotkey, request, outcome, extrinsicHash, block }) {
      const columns = {
        chain,
        hotkey,
        kind: request.call.kind,
        request: JSON.stringify(request),
        outcome: outcome === null ? null : JSON.stringify(outcome),
        extrinsic_hash: extrinsicHash,
        block,
        updated_at_ms: Date.now(),
      };
      await db
        .insertInto('chain_write')
        .values({ key, ...columns })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(columns))
        .execute();
    },

    async get(key) {
      const row = await db.selectFrom('chain_write').selectAll().where('key', '=', key).executeTakeFirst();
      return row === undefined ? null : rowOf(row);
    },

    async list({ hotkey, limit } = {}) {
      const rows = await db
        .selectFrom('chain_write')
        .selectAll()
        .$if(hotkey !== undefined, (query) => query.where('hotkey', '=', hotkey ?? ''))
        .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
        .orderBy('updated_at_ms', 'desc')
        .orderBy('key')
        .execute();
      return rows.map(rowOf);
    },
  };
}
