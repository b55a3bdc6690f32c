import type { Kysely, Selectable, Transaction } from 'kysely';
import { fail, type OstinatoError } from '../../domain/errors/error.ts';
import {
  canonicalVector,
  isSealed,
  judgeVector,
  type PeriodKind,
  type PeriodRecord,
  type ProtectionKey,
  type ProtectionSeries,
  type SignedVector,
  type Verdict,
  vectorProblem,
} from '../../domain/protection.ts';
import type { MergeReport, ProtectionHistory } from '../../domain/protection-history.ts';
import type { Blocks, Hex, Hotkey, Netuid } from '../../domain/units.ts';
import { mergeHistory, readHistory } from './protection-history.ts';
import { inSeries, look, seriesOf, vectorsOf, vectorsText } from './protection-rows.ts';
import type { LedgerTables, ProtectedPeriodTable } from './tables.ts';

export type { PeriodKind, ProtectionKey } from '../../domain/protection.ts';

export interface ProtectedVector extends ProtectionKey, SignedVector {}

export interface ProtectionEntry extends ProtectionSeries, SignedVector {
  readonly period: Blocks;
  /** All vectors that are known to have been signed for the period; `uids` and `values` are the first one's. */
  readonly vectors: readonly SignedVector[];
  /** Nothing may be signed for this period any more. */
  readonly sealed: boolean;
  /** Milliseconds since 1970, for people; nothing is decided by it. */
  readonly claimedAtMs: number;
}

export type ProtectionFilter = Partial<ProtectionSeries> & {
  /** Periods from this one on. */
  readonly from?: Blocks;
  /** Periods up to this one. */
  readonly to?: Blocks;
  readonly limit?: number;
};

export interface Protection {
  /**
   * Claims a period for one vector, before its bytes are signed. `same` for a vector that is already recorded (the
   * order of its entries does not matter). Raises OST_PROTECTION_CONFLICT for a different one,
   * OST_PROTECTION_SEALED and OST_PROTECTION_BEFORE_HISTORY where an import forbids the period, and
   * OST_PROTECTION_MALFORMED. When it returns, the record has reached the disk.
   */
  claim(vector: ProtectedVector): Promise<'new' | 'same'>;
  show(key: ProtectionKey): Promise<ProtectionEntry | null>;
  /** Newest periods first. */
  list(filter?: ProtectionFilter): Promise<readonly ProtectionEntry[]>;
  /** The chains of which the record knows something. */
  chains(): Promise<readonly Hex[]>;
  /** What was signed on one chain, as of one moment; with `from`, without what lies before that period. */
  history(
    filter: Pick<ProtectionFilter, 'hotkey' | 'netuid' | 'from'> & { readonly genesis: Hex },
  ): Promise<ProtectionHistory>;
  /** Adds a history to the record, whole or not at all. Nothing that was forbidden is allowed afterwards. */
  merge(history: ProtectionHistory): Promise<MergeReport>;
}

const entryOf = (row: Selectable<ProtectedPeriodTable>): ProtectionEntry => {
  const record: PeriodRecord = { vectors: vectorsOf(row.vectors), sealed: row.sealed !== 0 };
  return {
    genesis: row.genesis as Hex,
    netuid: row.netuid as Netuid,
    mecid: row.mecid,
    hotkey: row.hotkey as Hotkey,
    kind: row.kind as PeriodKind,
    period: row.period as Blocks,
    ...(record.vectors[0] ?? { uids: [], values: [] }),
    vectors: record.vectors,
    sealed: isSealed(record),
    claimedAtMs: row.claimed_at_ms,
  };
};

function refusal(
  verdict: Exclude<Verdict, 'new' | 'same'>,
  { netuid, hotkey, period }: ProtectionKey,
  known: { readonly vectors: number; readonly completeFrom: number },
): OstinatoError {
  switch (verdict) {
    case 'conflict':
      return fail('OST_PROTECTION_CONFLICT', { period, netuid, hotkey });
    case 'sealed':
      return fail('OST_PROTECTION_SEALED', { period, netuid, hotkey, vectors: known.vectors });
    case 'before_history':
      return fail('OST_PROTECTION_BEFORE_HISTORY', { period, netuid, hotkey, completeFrom: known.completeFrom });
  }
}

/** What the record says of a vector; raises what it forbids. */
async function judge(db: Kysely<LedgerTables>, vector: ProtectedVector): Promise<'new' | 'same'> {
  const { record, completeFrom } = await look(db, seriesOf(vector), vector.period);
  const verdict = judgeVector(record, completeFrom, vector.period, vector);
  if (verdict === 'new' || verdict === 'same') return verdict;
  throw refusal(verdict, vector, { vectors: record?.vectors.length ?? 0, completeFrom });
}

async function claimIn(db: Transaction<LedgerTables>, vector: ProtectedVector): Promise<'new' | 'same'> {
  const verdict = await judge(db, vector);
  if (verdict === 'same') return verdict;
  const vectors = vectorsText([canonicalVector(vector)]);
  await db
    .insertInto('protected_period')
    .values({ ...seriesOf(vector), period: vector.period, vectors, sealed: 0, claimed_at_ms: Date.now() })
    .execute();
  return verdict;
}

export function protection(db: Kysely<LedgerTables>): Protection {
  return {
    async claim(vector) {
      const { hotkey, period } = vector;
      const problem = vectorProblem(vector);
      if (problem !== null) throw fail('OST_PROTECTION_MALFORMED', { hotkey, period, problem });
      // The record only ever grows: what is refused stays so, and the same vector needs no writing.
      if ((await judge(db, vector)) === 'same') return 'same';
      // The transaction holds the write lock from its first statement on, so that nobody writes between the look and
      // the claim; should a database let somebody, the primary key refuses the second.
      return db.transaction().execute((transaction) => claimIn(transaction, vector));
    },

    async show(key) {
      const row = await db
        .selectFrom('protected_period')
        .selectAll()
        .where(inSeries(seriesOf(key)))
        .where('period', '=', key.period)
        .executeTakeFirst();
      return row === undefined ? null : entryOf(row);
    },

    async list({ from, to, limit, ...series } = {}) {
      const rows = await db
        .selectFrom('protected_period')
        .selectAll()
        .where(inSeries(series))
        .$if(from !== undefined, (query) => query.where('period', '>=', from ?? 0))
        .$if(to !== undefined, (query) => query.where('period', '<=', to ?? 0))
        .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
        .orderBy('period', 'desc')
        .orderBy('hotkey')
        .orderBy('netuid')
        .orderBy('mecid')
        .orderBy('kind')
        .execute();
      return rows.map(entryOf);
    },

    async chains() {
      const rows = await db.selectFrom('protected_period').select('genesis').distinct().orderBy('genesis').execute();
      return rows.map(({ genesis }) => genesis as Hex);
    },

    history: (filter) => readHistory(db, filter),
    merge: (history) => mergeHistory(db, history),
  };
}
