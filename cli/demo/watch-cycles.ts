import type { Ledger } from '../../adapters/ledger/open.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { DemoEvents } from './events.ts';

export interface WatchOptions {
  readonly events: DemoEvents;
  readonly ledger: Ledger;
  readonly hotkey: Hotkey;
  /** Null: for ever. */
  readonly wanted: number | null;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the first `wanted` complete cycles, as soon as the ledger has them and the fate of their weights:
 * those may be held back by a rate limit beyond the cycle that decided them.
 */
export function watchCycles({ events, ledger, hotkey, wanted, signal }: WatchOptions): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    if (wanted === null) return;
    const check = async (): Promise<void> => {
      const cycles = events.finishedCycles().slice(0, wanted);
      if (cycles.length < wanted || signal.aborted) return;
      for (const cycle of cycles) {
        const stored = await ledger.cycles.get(hotkey, cycle);
        const key = stored?.record.weightsKey ?? null;
        if (stored === null || (key !== null && ((await ledger.writes.get(key))?.outcome ?? null) === null)) return;
      }
      forget();
      resolve(cycles);
    };
    const forget = events.onChange(() => {
      check().catch(reject);
    });
  });
}
