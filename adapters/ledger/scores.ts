import type { Kysely } from 'kysely';
import type { CurrentScore } from '../../domain/scores.ts';
import { type Hotkey, hotkey, uid } from '../../domain/units.ts';
import { type ChainScope, cyclesWithin } from './cycles.ts';
import type { LedgerTables } from './tables.ts';

/** Scores as the finished cycles left them. There is no table of current scores that could contradict them. */
export interface Scores {
  /** After the last finished cycle; empty before the first. In ascending order of hotkeys. */
  current(scope: ChainScope & { readonly hotkey: Hotkey }): Promise<readonly CurrentScore[]>;
  /** As they stood when this cycle began. */
  before(scope: ChainScope & { readonly hotkey: Hotkey }, cycle: number): Promise<readonly CurrentScore[]>;
}

export function scores(db: Kysely<LedgerTables>): Scores {
  const before = async (scope: ChainScope & { readonly hotkey: Hotkey }, cycle: number) => {
    // A missed cycle changed no score and may have recorded none, so the one before it speaks.
    const last = await cyclesWithin(db, scope.hotkey, scope)
      .select('id')
      .where('cycle', '<', cycle)
      .where('result', '<>', 'missed')
      .orderBy('cycle', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last === undefined) return [];
    const rows = await db
      .selectFrom('cycle_score')
      .select(['hotkey', 'uid', 'score_after'])
      .where('cycle_id', '=', last.id)
      .orderBy('hotkey')
      .execute();
    return rows.map((row) => ({ hotkey: hotkey(row.hotkey), uid: uid(row.uid), score: row.score_after }));
  };
  return { before, current: (scope) => before(scope, Number.MAX_SAFE_INTEGER) };
}
