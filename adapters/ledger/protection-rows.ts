import { type Expression, expressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { PeriodRecord, ProtectionKey, ProtectionSeries, SignedVector } from '../../domain/protection.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
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

export interface Known {
  /** What is known of the period; null for nothing. */
  readonly record: PeriodRecord | null;
  /** The first period from which the record of the series is complete. */
  readonly completeFrom: Blocks;
}

/** All that decides about a claim, by one statement, so that no import can come between its halves. */
export async function look(db: Kysely<LedgerTables>, series: ProtectionSeries, period: Blocks): Promise<Known> {
  const rows = await db
    .selectFrom('protected_period')
    .select(['vectors', 'sealed', sql<number | null>`null`.as('complete_from')])
    .where(inSeries(series))
    .where('period', '=', period)
    .unionAll(
      db
        .selectFrom('protection_start')
        .select([sql<string>`''`.as('vectors'), sql<number>`0`.as('sealed'), 'complete_from'])
        .where(inSeries(series)),
    )
    .execute();
  const row = rows.find(({ complete_from }) => complete_from === null);
  return {
    record: row === undefined ? null : { vectors: vectorsOf(row.vectors), sealed: row.sealed !== 0 },
    completeFrom: blocks(rows.find(({ complete_from }) => complete_from !== null)?.complete_from ?? 0),
  };
}
