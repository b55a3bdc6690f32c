import { safeMode } from '../declaration/pallets/safe-mode.ts';
import { systemErrors } from '../declaration/pallets/system.ts';
import type { State } from '../state/state.ts';
import { refusal } from './failure.ts';
import type { BoundCall, Context } from './handler.ts';

const pallets: ReadonlySet<string> = new Set(['System', 'Timestamp', 'Sudo', 'SafeMode']);
/** Of what a validator sends, all but timelocked weights and hashes of weights. */
const calls: ReadonlySet<string> = new Set(['set_weights', 'serve_axon', 'set_commitment']);

/** What safe mode filters fails in its block; the pool takes it. */
export function checkSafeMode(
  { state }: Pick<Context, 'state'>,
  { declaration }: Pick<BoundCall, 'declaration'>,
): void {
  if (state.get(safeMode.enteredUntil) === null) return;
  if (!pallets.has(declaration.pallet) && !calls.has(declaration.name)) throw refusal(systemErrors.CallFiltered);
}

/** It ends by itself. */
export function leaveSafeMode(state: State, block: number): void {
  const until = state.get(safeMode.enteredUntil);
  if (until !== null && block > until) state.remove(safeMode.enteredUntil);
}
