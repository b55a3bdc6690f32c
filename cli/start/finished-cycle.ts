import type { ChainScope } from '../../adapters/ledger/cycles.ts';
import type { Ledger } from '../../adapters/ledger/open.ts';
import type { Hotkey } from '../../domain/units.ts';
import { rootBody } from '../../domain/verdict.ts';
import type { FinishedCycle } from '../../server/model/deps.ts';

/**
 * A finished cycle with the validator's own signature of its root, as the ledger has both.
 *
 * @param index the originals' index, by which others know the cycle
 */
export async function finishedCycle(
  ledger: Pick<Ledger, 'cycles' | 'peers'>,
  scope: ChainScope,
  hotkey: Hotkey,
  index: number,
): Promise<FinishedCycle | null> {
  const stored = await ledger.cycles.atIndex(hotkey, index, scope);
  if (stored === null) return null;
  const signed = await ledger.peers.list({ ...scope, cycle: index, purpose: 'cycle-root' });
  const body = rootBody(stored.root);
  const own = signed.find(({ message }) => message.from === hotkey && message.body === body);
  return { record: stored.record, root: own?.message ?? null };
}
