import type { Hex } from '../../../../domain/units.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import type { StateReader } from '../../state/state.ts';
import { revealWindow } from '../commit-reveal/window.ts';
import { currentEpoch } from '../schedule.ts';
import { isSubnetOwnerHotkey } from '../stake.ts';
import { type Mechanism, storageIndex } from './mechanism.ts';

type Row = readonly (readonly [uid: number, weight: number])[];

/**
 * The weights of a mechanism as its epoch counts them: nothing toward oneself (but for the owner), nothing toward a uid
 * that registered at or after the setter's last update, and with commit-reveal on nothing toward one that registered
 * after the earliest commit that still waits, since nobody who committed can have known it.
 */
export function countedWeights(
  state: StateReader,
  mechanism: Mechanism,
  hotkeys: readonly Hex[],
  block: bigint,
): Row[] {
  const { netuid } = mechanism;
  const lastUpdate = state.get(neurons.lastUpdate, storageIndex(mechanism));
  const registered = hotkeys.map((_, uid) => state.get(neurons.blockAtRegistration, netuid, uid));
  const committed = state.get(hyperparameters.commitRevealWeightsEnabled, netuid);
  const earliest = committed ? earliestCommit(state, mechanism, hotkeys, Number(block)) : null;
  return hotkeys.map((hotkey, uid) =>
    state.get(neurons.weights, storageIndex(mechanism), uid).map(([dest, weight]) => {
      const since = registered[dest] ?? 0n;
      const masked =
        (dest === uid && !isSubnetOwnerHotkey(state, hotkey, netuid)) ||
        since >= (lastUpdate[uid] ?? 0n) ||
        (earliest !== null && since > earliest);
      return [dest, masked ? 0 : weight] as const;
    }),
  );
}

/** The block of the first commit of any kind that has been neither revealed nor run out. */
function earliestCommit(
  state: StateReader,
  mechanism: Mechanism,
  hotkeys: readonly Hex[],
  block: number,
): bigint | null {
  const index = storageIndex(mechanism);
  const blocks = hotkeys
    .flatMap((hotkey) => state.get(neurons.weightCommits, index, hotkey) ?? [])
    .filter(([, epoch]) => revealWindow(state, mechanism.netuid, block, epoch) !== 'expired')
    .map(([, , committedAt]) => committedAt);
  const now = currentEpoch(state, mechanism.netuid, BigInt(block));
  const period = state.get(hyperparameters.revealPeriodEpochs, mechanism.netuid);
  for (let epoch = now > period ? now - period : 0n; epoch <= now; epoch++)
    for (const [, committedAt] of state.get(neurons.timelockedWeightCommits, index, epoch)) blocks.push(committedAt);
  return blocks.reduce<bigint | null>((least, each) => (least === null || each < least ? each : least), null);
}
