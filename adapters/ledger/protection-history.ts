import type { Kysely, Transaction } from 'kysely';
import { isSealed, mergeRecords, type PeriodKind, type ProtectionSeries, sameRecord } from '../../domain/protection.ts';
import type {
  HistoryPeriod,
  MergeReport,
  ProtectionHistory,
  SealedPeriod,
  SeriesHistory,
} from '../../domain/protection-history.ts';
import { type Blocks, blocks, type Hex, type Hotkey, type Netuid } from '../../domain/units.ts';
import { inSeries, look, vectorsOf, vectorsText } from './protection-rows.ts';
import type { LedgerTables } from './tables.ts';

/** Everything of a chain that a filter lets through, as of one moment: claims meanwhile are in it or not, whole. */
export function readHistory(
  db: Kysely<LedgerTables>,
  {
    genesis,
    from,
    ...filter
  }: { readonly genesis: Hex; readonly hotkey?: Hotkey; readonly netuid?: Netuid; readonly from?: Blocks },
): Promise<ProtectionHistory> {
  return db.transaction().execute(async (transaction) => {
    const keys = await seriesIn(transaction, { genesis, ...filter });
    const series: SeriesHistory[] = [];
    for (const { netuid, mecid, hotkey, kind } of keys) {
      const key = { genesis, netuid, mecid, hotkey, kind };
      const known = (await look(transaction, key, blocks(0))).completeFrom;
      const rows = await transaction
        .selectFrom('protected_period')
        .select(['period', 'vectors', 'sealed'])
        .where(inSeries(key))
        .where('period', '>=', from ?? 0)
        .orderBy('period')
        .execute();
      const periods = rows.map(({ period, vectors, sealed }) => ({
        period: period as Blocks,
        vectors: vectorsOf(vectors),
        sealed: sealed !== 0,
      }));
      // What is left out must stay forbidden wherever this is imported.
      const completeFrom = blocks(Math.max(known, from ?? 0));
      series.push({ hotkey, netuid, mecid, kind, completeFrom, periods });
    }
    return { genesis, series };
  });
}

async function seriesIn(
  db: Transaction<LedgerTables>,
  filter: Partial<ProtectionSeries>,
): Promise<readonly ProtectionSeries[]> {
  const columns = ['genesis', 'netuid', 'mecid', 'hotkey', 'kind'] as const;
  const rows = await db
    .selectFrom('protected_period')
    .select(columns)
    .where(inSeries(filter))
    .union(db.selectFrom('protection_start').select(columns).where(inSeries(filter)))
    .orderBy('hotkey')
    .orderBy('netuid')
    .orderBy('mecid')
    .orderBy('kind')
    .execute();
  return rows.map((row) => ({
    genesis: row.genesis as Hex,
    netuid: row.netuid as Netuid,
    mecid: row.mecid,
    hotkey: row.hotkey as Hotkey,
    kind: row.kind as PeriodKind,
  }));
}

/** Merges a history into the record in one transaction: a claim comes before all of it or after all of it. */
export function mergeHistory(db: Kysely<LedgerTables>, { genesis, series }: ProtectionHistory): Promise<MergeReport> {
  return db.transaction().execute(async (transaction) => {
    const report = { added: 0, known: 0, raised: 0, sealed: [] as SealedPeriod[] };
    for (const { hotkey, netuid, mecid, kind, completeFrom, periods } of series) {
      const key: ProtectionSeries = { genesis, netuid, mecid, hotkey, kind };
      if (await raise(transaction, key, completeFrom)) report.raised += 1;
      for (const incoming of periods) {
        const change = await mergePeriod(transaction, key, incoming);
        if (change.kind === 'known') report.known += 1;
        if (change.kind === 'added') report.added += 1;
        if (change.sealed) {
          report.sealed.push({ ...key, period: incoming.period, vectors: change.vectors });
        }
      }
    }
    return report;
  });
}

interface Change {
  readonly kind: 'known' | 'added' | 'changed';
  /** Whether the period could be signed for before and can no more. */
  readonly sealed: boolean;
  readonly vectors: number;
}

async function mergePeriod(
  db: Transaction<LedgerTables>,
  series: ProtectionSeries,
  { period, ...incoming }: HistoryPeriod,
): Promise<Change> {
  const { record: stored } = await look(db, series, period);
  const merged = mergeRecords(stored ?? { vectors: [], sealed: false }, incoming);
  const vectors = merged.vectors.length;
  if (stored !== null && sameRecord(stored, merged)) return { kind: 'known', sealed: false, vectors };
  const sealed = isSealed(merged) && (stored === null || !isSealed(stored));
  const columns = { vectors: vectorsText(merged.vectors), sealed: merged.sealed ? 1 : 0 };
  if (stored === null) {
    await db
      .insertInto('protected_period')
      .values({ ...series, period, ...columns, claimed_at_ms: Date.now() })
      .execute();
    return { kind: 'added', sealed, vectors };
  }
  await db.updateTable('protected_period').set(columns).where(inSeries(series)).where('period', '=', period).execute();
  return { kind: 'changed', sealed, vectors };
}

async function raise(db: Transaction<LedgerTables>, series: ProtectionSeries, completeFrom: Blocks): Promise<boolean> {
  if ((await look(db, series, blocks(0))).completeFrom >= completeFrom) return false;
  await db
    .insertInto('protection_start')
    .values({ ...series, complete_from: completeFrom })
    .onConflict((conflict) =>
      conflict.columns(['genesis', 'netuid', 'mecid', 'hotkey', 'kind']).doUpdateSet({ complete_from: completeFrom }),
    )
    .execute();
  return true;
}
