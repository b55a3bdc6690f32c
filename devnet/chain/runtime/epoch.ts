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
import { countedWeights } from './weights/masks.ts';
import { mechanismsOf, storageIndex } from './weights/mechanism.ts';

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

  const ranked = hotkeys
    .map((_, uid) => uid)
    .filter((uid) => (filtered[uid] ?? 0n) > 0n)
    .sort((a, b) => Number((filtered[b] ?? 0n) - (filtered[a] ?? 0n)) || a - b)
    .slice(0, state.get(hyperparameters.maxAllowedValidators, netuid));
  const permitted = new Set(ranked);
  const permits = hotkeys.map((hotkey, uid) => permitted.has(uid) || isSubnetOwnerHotkey(state, hotkey, netuid));

  const cutoff = activityCutoff(state, netuid);
  const results = mechanismsOf(state, netuid).map((mechanism) => {
    const lastUpdate = state.get(neurons.lastUpdate, storageIndex(mechanism));
    const active = hotkeys.map((_, uid) => (lastUpdate[uid] ?? 0n) + cutoff >= block);
    const result = consensusOf({
      stake: hotkeys.map((_, uid) => (permits[uid] && active[uid] ? Number(filtered[uid] ?? 0n) : 0)),
      rows: countedWeights(state, mechanism, hotkeys, block),
      kappa: state.get(hyperparameters.kappa, netuid) / U16_MAX,
    });
    state.set(neurons.incentive, [storageIndex(mechanism)], result.incentive);
    return { ...result, active };
  });
  const shares = mechanismShares(state, netuid, results.length);
  const mean = (of: (result: (typeof results)[number]) => readonly number[]): number[] =>
    hotkeys.map((_, uid) => Math.round(sum(results.map((result, at) => (of(result)[uid] ?? 0) * (shares[at] ?? 0)))));

  state.set(
    neurons.active,
    [netuid],
    hotkeys.map((_, uid) => results.some(({ active }) => active[uid])),
  );
  state.set(neurons.validatorPermit, [netuid], permits);
  state.set(
    neurons.stakeWeight,
    [netuid],
    stake.map((amount) => (total === 0n ? 0 : Number((amount * BigInt(U16_MAX)) / total))),
  );
  state.set(
    neurons.consensus,
    [netuid],
    mean(({ consensus }) => consensus),
  );
  state.set(
    neurons.validatorTrust,
    [netuid],
    mean(({ validatorTrust }) => validatorTrust),
  );
}

/** How much of the subnet each mechanism is: what its owner says, or equal parts. */
function mechanismShares(state: StateReader, netuid: number, count: number): readonly number[] {
  const split = state.get(hyperparameters.mechanismEmissionSplit, netuid);
  const total = sum(split ?? []);
  if (split === null || split.length !== count || total === 0) return new Array<number>(count).fill(1 / count);
  return split.map((part) => part / total);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
