import type { CycleRecord } from '../../domain/cycle-record.ts';
import { fail } from '../../domain/errors/error.ts';
import { noPast } from '../../domain/scoring/past.ts';
import { knownRule } from '../../domain/scoring/rule.ts';
import type { Hotkey, Uid } from '../../domain/units.ts';
import { type Difference, verifyCycleRecord } from '../../domain/verify-cycle.ts';
import type { ChainScope } from './cycles.ts';
import type { Ledger } from './open.ts';

/** Losses computed anew for one submission; null where its artefacts are gone. */
export interface RecomputedLosses {
  readonly hotkey: Hotkey;
  readonly losses: { readonly before: number; readonly after: number } | null;
}

export interface VerifyOptions {
  readonly scope?: ChainScope;
  /** Who was registered at the freeze, where the chain still tells. */
  readonly neurons?: readonly { readonly hotkey: Hotkey; readonly uid: Uid }[];
  /** Evaluates the submissions that have recorded losses once more. */
  readonly recomputeLosses?: (record: CycleRecord) => Promise<readonly RecomputedLosses[]>;
}

export interface LossDifference {
  readonly what: 'loss';
  readonly hotkey: Hotkey;
  readonly recorded: string;
  readonly recomputed: string;
}

export interface CycleVerification {
  readonly record: CycleRecord;
  readonly root: string;
  readonly differences: readonly (Difference | LossDifference)[];
  /** Whose losses were computed anew, and whose could not be, for want of artefacts. */
  readonly losses: { readonly recomputed: readonly Hotkey[]; readonly unavailable: readonly Hotkey[] };
}

/** Losses differ in the last bits between CPUs; more than this is another loss. */
const lossTolerance = 1e-5;

const near = (a: number | null, b: number): boolean => a !== null && Math.abs(a - b) <= lossTolerance * Math.abs(a);

/**
 * Reads a cycle, checks its Merkle root, and recomputes what decides its scores; with `recomputeLosses` the losses as
 * well, with a relative tolerance of 1e-5. Raises OST_CYCLE_UNKNOWN, and OST_LEDGER_CORRUPT where rows were changed.
 */
export async function verifyCycle(
  ledger: Ledger,
  hotkey: Hotkey,
  cycle: number,
  { scope, neurons, recomputeLosses }: VerifyOptions = {},
): Promise<CycleVerification> {
  const stored = await ledger.cycles.get(hotkey, cycle, scope);
  if (stored === null) throw fail('OST_CYCLE_UNKNOWN', { cycle, hotkey });
  const { record, root } = stored;
  const rule = knownRule(record.scoreRule);
  const state = rule === null ? noPast : await ledger.scores.state(record, rule, record.startBlock);
  const rules = verifyCycleRecord({ record, state, ...(neurons === undefined ? {} : { neurons }) });
  const again = recomputeLosses === undefined ? [] : await recomputeLosses(record);
  return {
    record,
    root,
    differences: [...rules, ...compareLosses(record, again)],
    losses: {
      recomputed: again.filter(({ losses }) => losses !== null).map((each) => each.hotkey),
      unavailable: again.filter(({ losses }) => losses === null).map((each) => each.hotkey),
    },
  };
}

function compareLosses(record: CycleRecord, again: readonly RecomputedLosses[]): readonly LossDifference[] {
  const recorded = new Map(record.submissions.map((submission) => [submission.hotkey, submission]));
  return again.flatMap(({ hotkey, losses }): LossDifference[] => {
    if (losses === null) return [];
    const { lossBefore = null, lossAfter = null } = recorded.get(hotkey) ?? {};
    if (near(lossBefore, losses.before) && near(lossAfter, losses.after)) return [];
    const text = (before: number | null, after: number | null) => JSON.stringify({ before, after });
    return [
      { what: 'loss', hotkey, recorded: text(lossBefore, lossAfter), recomputed: text(losses.before, losses.after) },
    ];
  });
}
