import type { Kysely } from 'kysely';
import type { Blocks, Hex } from '../../domain/units.ts';
import type { LedgerTables } from './tables.ts';

/** A signed extrinsic before it was sent, for audits. */
export interface PreparedRow {
  readonly hash: Hex;
  /** The write's idempotency key. */
  readonly key: string;
  readonly nonce: number;
  readonly eraBirth: Blocks;
  readonly eraPeriod: number;
  readonly bytesHex: Hex;
}

export interface Prepared {
  /** Keeps the row; the same hash once more changes nothing. */
  record(row: PreparedRow): Promise<void>;
  /** All that was signed for a write, in the order of signing. */
  list(key: string): Promise<readonly PreparedRow[]>;
}

export function prepared(db: Kysely<LedgerTables>): Prepared {
  return {
    async record({ hash, key, nonce, eraBirth, eraPeriod, bytesHex }) {
      await db
        .insertInto('prepared')
        .values({
          hash,
          key,
          nonce,
          era_birth: eraBirth,
          era_period: eraPeriod,
          bytes_hex: bytesHex,
          prepared_at_ms: Date.now(),
        })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .execute();
    },

    async list(key) {
      const rows = await db
        .selectFrom('prepared')
        .selectAll()
        .where('key', '=', key)
        .orderBy('prepared_at_ms')
        .orderBy('era_birth')
        .execute();
      return rows.map((row) => ({
        hash: row.hash as Hex,
        key: row.key,
        nonce: row.nonce,
        eraBirth: row.era_birth as Blocks,
        eraPeriod: row.era_period,
        bytesHex: row.bytes_hex as Hex,
      }));
    },
  };
}
