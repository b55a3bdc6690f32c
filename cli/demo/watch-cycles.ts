import type { Ledger } from '../../adapters/ledger/open.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { DemoEvents } from './events.ts';

/** A validator of the demo, with what it has written down. */
export interface WatchedValidator {
  readonly name: string;
  readonly hotkey: Hotkey;
  readonly ledger: Ledger;
}

export interface WatchOptions {
  readonly events: DemoEvents;
  readonly validators: readonly WatchedValidator[];
  /** Null: for ever. */
  readonly wanted: number | null;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the first `wanted` cycles that are complete for all validators, as soon as their ledgers have them and
 * the fate of their weights: those may be held back by a rate limit beyond the cycle that decided them.
 */
export function watchCycles({ events, validators, wanted, signal }: WatchOptions): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    if (wanted === null) return;
    const settled = async ({ ledger, hotkey }: WatchedValidator, cycle: number): Promise<boolean> => {
      const stored = await ledger.cycles.get(hotkey, cycle);
      const key = stored?.record.weightsKey ?? null;
      return stored !== null && (key === null || ((await ledger.writes.get(key))?.outcome ?? null) !== null);
    };
    const check = async (): Promise<void> => {
      const cycles = events.finishedCycles(validators.length).slice(0, wanted);
      if (cycles.length < wanted || signal.aborted) return;
      for (const cycle of cycles) {
        for (const validator of validators) if (!(await settled(validator, cycle))) return;
      }
      forget();
      resolve(cycles);
    };
    const forget = events.onChange(() => {
      check().catch(reject);
    });
  });
}
