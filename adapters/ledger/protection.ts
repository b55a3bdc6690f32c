import type { Kysely, Selectable } from 'kysely';
import { fail } from '../../domain/errors/error.ts';
import type { Blocks, Hex, Hotkey, Netuid } from '../../domain/units.ts';
import type { LedgerTables, ProtectionTable } from './tables.ts';

/** What one weight vector is signed for. The period is the first block of the cycle that produced it. */
export interface ProtectionKey {
  readonly genesis: Hex;
  readonly netuid: Netuid;
  readonly mecid: number;
  readonly hotkey: Hotkey;
  readonly period: Blocks;
}

export interface ProtectedVector extends ProtectionKey {
  readonly uids: readonly number[];
  /** u16, one for each uid. */
  readonly values: readonly number[];
}

export interface ProtectionEntry extends ProtectedVector {
  /** Milliseconds since 1970, for people; nothing is decided by it. */
  readonly claimedAtMs: number;
}

export interface Protection {
  /**
   * Claims a period for one vector, before its bytes are signed. `same` for a vector that is already recorded (the
   * order of its entries does not matter). Raises OST_PROTECTION_CONFLICT for a different one. When it returns, the
   * record has reached the disk.
   */
  claim(vector: ProtectedVector): Promise<'new' | 'same'>;
  show(key: ProtectionKey): Promise<ProtectionEntry | null>;
  /** Newest periods first. */
  list(
    filter?: Partial<Omit<ProtectionKey, 'period'>> & { readonly limit?: number },
  ): Promise<readonly ProtectionEntry[]>;
}

const isU16 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffff;

function problemOf({ uids, values }: ProtectedVector): string | null {
  if (uids.length !== values.length) return `${uids.length} uids, ${values.length} values`;
  if (!uids.every(isU16) || !values.every(isU16)) return 'a uid or a value is no 16-bit number';
  return new Set(uids).size === uids.length ? null : 'a uid occurs twice';
}

/** One text per vector: entries in ascending order of uids, because the chain's effect does not depend on it. */
function textsOf({ uids, values }: ProtectedVector): { readonly uids: string; readonly weights: string } {
  const pairs = uids.map((uid, index) => ({ uid, value: values[index] ?? 0 })).toSorted((a, b) => a.uid - b.uid);
  return {
    uids: JSON.stringify(pairs.map(({ uid }) => uid)),
    weights: JSON.stringify(pairs.map(({ value }) => value)),
  };
}

const entryOf = (row: Selectable<ProtectionTable>): ProtectionEntry => ({
  genesis: row.genesis as Hex,
  netuid: row.netuid as Netuid,
  mecid: row.mecid,
  hotkey: row.hotkey as Hotkey,
  period: row.period as Blocks,
  uids: JSON.parse(row.uids) as readonly number[],
  values: JSON.parse(row.weights) as readonly number[],
  claimedAtMs: row.claimed_at_ms,
});

export function protection(db: Kysely<LedgerTables>): Protection {
  const find = ({ genesis, netuid, mecid, hotkey, period }: ProtectionKey) =>
    db
      .selectFrom('protection')
      .selectAll()
      .where('hotkey', '=', hotkey)
      .where('genesis', '=', genesis)
      .where('netuid', '=', netuid)
      .where('mecid', '=', mecid)
      .where('period', '=', period)
      .executeTakeFirst();

  return {
    async claim(vector) {
      const { genesis, netuid, mecid, hotkey, period } = vector;
      const problem = problemOf(vector);
      if (problem !== null) throw fail('OST_PROTECTION_MALFORMED', { hotkey, period, problem });
      const texts = textsOf(vector);
      // One statement decides who comes first, on SQLite and PostgreSQL alike: reading before writing would leave a gap.
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('protection')
        .values({ genesis, netuid, mecid, hotkey, period, ...texts, claimed_at_ms: Date.now() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 1n) return 'new';
      const stored = await find(vector);
      if (stored?.uids === texts.uids && stored.weights === texts.weights) return 'same';
      throw fail('OST_PROTECTION_CONFLICT', { period, netuid, hotkey });
    },

    async show(key) {
      const row = await find(key);
      return row === undefined ? null : entryOf(row);
    },

    async list({ genesis, netuid, mecid, hotkey, limit } = {}) {
      const rows = await db
        .selectFrom('protection')
        .selectAll()
        .$if(genesis !== undefined, (query) => query.where('genesis', '=', genesis ?? ''))
        .$if(netuid !== undefined, (query) => query.where('netuid', '=', netuid ?? 0))
        .$if(mecid !== undefined, (query) => query.where('mecid', '=', mecid ?? 0))
        .$if(hotkey !== undefined, (query) => query.where('hotkey', '=', hotkey ?? ''))
        .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
        .orderBy('period', 'desc')
        .orderBy('hotkey')
        .orderBy('netuid')
        .orderBy('mecid')
        .execute();
      return rows.map(entryOf);
    },
  };
}
