import type { Kysely, Selectable } from 'kysely';
import type { HotkeyWeight, WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import type { Blocks, Hex, Hotkey, Netuid } from '../../domain/units.ts';
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

/** Which lane of weights: a hotkey's own on one subnet's mechanism. */
export interface WeightsLane {
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly netuid: Netuid;
  readonly mecid: number;
}

export interface Writes {
  /** Writes or replaces the row of a key. */
  record(row: WriteRow): Promise<void>;
  get(key: string): Promise<WriteRow | null>;
  /** The vector of the newest period that reached the chain, and when it did; null where none ever has. */
  lastVector(lane: WeightsLane): Promise<{ readonly weights: readonly HotkeyWeight[]; readonly period: Blocks } | null>;
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

/** A hotkey's lanes take turns, so that the newest vector of each is among the last few. */
const lanesLookedThrough = 256;

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

    async lastVector({ chain, hotkey, netuid, mecid }) {
      const rows = await db
        .selectFrom('chain_write')
        .selectAll()
        .where('kind', '=', 'set_weights')
        .where('chain', '=', chain)
        .where('hotkey', '=', hotkey)
        .where('block', 'is not', null)
        .orderBy('block', 'desc')
        .limit(lanesLookedThrough)
        .execute();
      for (const { request } of rows.map(rowOf)) {
        const { call } = request;
        if (call.kind !== 'set_weights' || call.netuid !== netuid || call.mecid !== mecid) continue;
        return { weights: call.weights, period: call.period };
      }
      return null;
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
