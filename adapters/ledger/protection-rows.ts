import { type Expression, expressionBuilder, type Kysely, type SqlBool } from 'kysely';
import type { PeriodRecord, ProtectionKey, ProtectionSeries, SignedVector } from '../../domain/protection.ts';
import type { Blocks } from '../../domain/units.ts';
import type { LedgerTables } from './tables.ts';

/** The series of a key, without anything else that the object may hold. */
export const seriesOf = ({ genesis, netuid, mecid, hotkey, kind = 'cycle' }: ProtectionKey): ProtectionSeries => ({
  genesis,
  netuid,
  mecid,
  hotkey,
  kind,
});

/** Rows of a series, or of all that agree in what is given. */
export function inSeries(given: Partial<ProtectionSeries>): Expression<SqlBool> {
  const eb = expressionBuilder<LedgerTables, 'protected_period' | 'protection_start'>();
  const { genesis, netuid, mecid, hotkey, kind } = given;
  return eb.and([
    ...(hotkey === undefined ? [] : [eb('hotkey', '=', hotkey)]),
    ...(genesis === undefined ? [] : [eb('genesis', '=', genesis)]),
    ...(netuid === undefined ? [] : [eb('netuid', '=', netuid)]),
    ...(mecid === undefined ? [] : [eb('mecid', '=', mecid)]),
    ...(kind === undefined ? [] : [eb('kind', '=', kind)]),
  ]);
}

/** The column's text; what reads it back is `vectorsOf`. */
export const vectorsText = (vectors: readonly SignedVector[]): string =>
  JSON.stringify(vectors.map(({ uids, values }) => [uids, values]));

export const vectorsOf = (text: string): readonly SignedVector[] =>
  (JSON.parse(text) as readonly (readonly [readonly number[], readonly number[]])[]).map(([uids, values]) => ({
    uids,
    values,
  }));

/** What is known of one period; null for nothing. */
export async function find(
  db: Kysely<LedgerTables>,
  series: ProtectionSeries,
  period: Blocks,
): Promise<PeriodRecord | null> {
  const row = await db
    .selectFrom('protected_period')
    .select(['vectors', 'sealed'])
    .where(inSeries(series))
    .where('period', '=', period)
    .executeTakeFirst();
  return row === undefined ? null : { vectors: vectorsOf(row.vectors), sealed: row.sealed !== 0 };
}

/** The first period from which the record of a series is complete. */
export async function completeFromOf(db: Kysely<LedgerTables>, series: ProtectionSeries): Promise<Blocks> {
  const row = await db
    .selectFrom('protection_start')
    .select('complete_from')
    .where(inSeries(series))
    .executeTakeFirst();
  return (row?.complete_from ?? 0) as Blocks;
}
