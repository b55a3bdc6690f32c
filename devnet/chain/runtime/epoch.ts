import type { Hex } from '../../../domain/units.ts';
import { subtensorEvents } from '../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { State, StateReader } from '../state/state.ts';
import { decayBurn } from './burn-price.ts';
import { type Open, revealTimelocked } from './commit-reveal/timelocked.ts';
import { consensusOf } from './consensus.ts';
import { isDue } from './schedule.ts';
import { isSubnetOwnerHotkey, weightedStake } from './stake.ts';

export { nextEpochBlock } from './schedule.ts';

const U16_MAX = 65_535;
const ROOT_NETUID = 0;

/** Everything that happens to subnets at the start of a block. */
export function beginBlock(state: State, block: number, open: Open): void {
  const now = BigInt(block);
  const netuids = Array.from({ length: state.get(subnet.totalNetworks) }, (_, netuid) => netuid).filter(
    (netuid) => netuid !== ROOT_NETUID && state.get(subnet.networksAdded, netuid),
  );
  // Before any epoch runs, so that it counts what it opens.
  for (const netuid of netuids) revealTimelocked(state, netuid, block, open);
  let budget = state.get(hyperparameters.maxEpochsPerBlock);
  for (const netuid of netuids) {
    decayBurn(state, netuid);
    if (!isDue(state, netuid, now)) {
      state.set(subnet.blocksSinceLastStep, [netuid], state.get(subnet.blocksSinceLastStep, netuid) + 1n);
    } else if (budget > 0) {
      budget--;
      fire(state, netuid, now);
    } else {
      state.set(subnet.pendingEpochAt, [netuid], now + 1n);
      state.emit(subtensorEvents.epochDeferred, { netuid, from_block: now, to_block: now + 1n });
    }
  }
}

function fire(state: State, netuid: number, block: bigint): void {
  state.set(subnet.lastEpochBlock, [netuid], block);
  state.set(subnet.subnetEpochIndex, [netuid], state.get(subnet.subnetEpochIndex, netuid) + 1n);
  state.set(subnet.pendingEpochAt, [netuid], 0n);
  state.set(subnet.blocksSinceLastStep, [netuid], 0n);
  state.set(subnet.lastMechansimStepBlock, [netuid], block);
  runEpoch(state, netuid, block);
}

export const hotkeysOf = (state: StateReader, netuid: number): Hex[] =>
  Array.from({ length: state.get(subnet.subnetworkN, netuid) }, (_, uid) => state.get(neurons.keys, netuid, uid));

export function activityCutoff(state: StateReader, netuid: number): bigint {
  const factor = BigInt(state.get(hyperparameters.activityCutoffFactorMilli, netuid));
  const cutoff = (factor * BigInt(state.get(hyperparameters.tempo, netuid))) / 1000n;
  return cutoff < 1n ? 1n : cutoff;
}

/** Permits and consensus. Emission, bonds and dividends stay zero: the embedded chain has no economy. */
function runEpoch(state: State, netuid: number, block: bigint): void {
  const hotkeys = hotkeysOf(state, netuid);
  const threshold = state.get(hyperparameters.stakeThreshold);
  const stake = hotkeys.map((hotkey) => weightedStake(state, hotkey, netuid));
  const filtered = stake.map((amount) => (amount < threshold ? 0n : amount));
  const total = stake.reduce((sum, amount) => sum + amount, 0n);
  const lastUpdate = state.get(neurons.lastUpdate, netuid);
  const cutoff = activityCutoff(state, netuid);
  const active = hotkeys.map((_, uid) => (lastUpdate[uid] ?? 0n) + cutoff >= block);

  const ranked = hotkeys
    .map((_, uid) => uid)
    .filter((uid) => (filtered[uid] ?? 0n) > 0n)
    .sort((a, b) => Number((filtered[b] ?? 0n) - (filtered[a] ?? 0n)) || a - b)
    .slice(0, state.get(hyperparameters.maxAllowedValidators, netuid));
  const permitted = new Set(ranked);
  const permits = hotkeys.map((hotkey, uid) => permitted.has(uid) || isSubnetOwnerHotkey(state, hotkey, netuid));

  const { consensus, incentive, validatorTrust } = consensusOf({
    stake: hotkeys.map((_, uid) => (permits[uid] && active[uid] ? Number(filtered[uid] ?? 0n) : 0)),
    rows: hotkeys.map((_, uid) =>
      state.get(neurons.weights, netuid, uid).map(([dest, weight]) => {
        const outdated = state.get(neurons.blockAtRegistration, netuid, dest) >= (lastUpdate[uid] ?? 0n);
        return [dest, outdated || dest === uid ? 0 : weight] as const;
      }),
    ),
    kappa: state.get(hyperparameters.kappa, netuid) / U16_MAX,
  });

  state.set(neurons.active, [netuid], active);
  state.set(neurons.validatorPermit, [netuid], permits);
  state.set(
    neurons.stakeWeight,
    [netuid],
    stake.map((amount) => (total === 0n ? 0 : Number((amount * BigInt(U16_MAX)) / total))),
  );
  state.set(neurons.consensus, [netuid], consensus);
  state.set(neurons.incentive, [netuid], incentive);
  state.set(neurons.validatorTrust, [netuid], validatorTrust);
}
