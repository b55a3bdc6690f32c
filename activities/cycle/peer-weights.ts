import type { SubnetSnapshot } from '../../domain/chain.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import { compareText } from '../../domain/order.ts';
import type { Roster } from '../../domain/roster.ts';
import { type PeerWeights, topOf } from '../../domain/scoring/cohort.ts';
import { uid as asUid } from '../../domain/units.ts';
import type { ValidatorDeps } from './deps.ts';

/**
 * What the cycle's validators, this one among them, had on chain as weights when the miners had committed. Kept in
 * every cycle, whatever its strategy, so that another one can be tried on it later.
 */
export async function peerWeights(
  { chain, hotkey }: Pick<ValidatorDeps, 'chain' | 'hotkey'>,
  { netuid, weights }: CyclePlan,
  { neurons, block }: SubnetSnapshot,
  seed: Roster['seed'],
): Promise<Roster['peerWeights']> {
  const names = new Map(neurons.map((neuron) => [neuron.uid, neuron.hotkey]));
  const validators = new Set([hotkey, ...(seed?.validators ?? []).map((each) => each.hotkey)]);
  const rows = neurons
    .filter((neuron) => validators.has(neuron.hotkey))
    .map(async ({ hotkey: validator, uid }): Promise<PeerWeights> => {
      const row = await chain.weights(netuid, uid, weights.mecid, block.hash);
      const entries = row.map(([to, weight]) => ({ uid: asUid(to), weight }));
      return { validator, top: topOf(entries, names) };
    });
  const found = await Promise.all(rows);
  return found.filter(({ top }) => top.length > 0).toSorted((a, b) => compareText(a.validator, b.validator));
}
