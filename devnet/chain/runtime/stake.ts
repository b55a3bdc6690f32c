import type { Hex } from '../../../domain/units.ts';
import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { StateReader } from '../state/state.ts';

const ROOT_NETUID = 0;

export const alphaStake = (state: StateReader, hotkey: Hex, netuid: number): bigint =>
  state.get(neurons.totalHotkeyAlpha, hotkey, netuid);

export const taoStake = (state: StateReader, hotkey: Hex): bigint =>
  (state.get(neurons.totalHotkeyAlpha, hotkey, ROOT_NETUID) * state.get(hyperparameters.taoWeight)) >> 64n;

/** What thresholds are held against, in rao: the subnet's alpha and the weighted stake on root. */
export const weightedStake = (state: StateReader, hotkey: Hex, netuid: number): bigint =>
  alphaStake(state, hotkey, netuid) + taoStake(state, hotkey);

export const hasStakeForWeights = (state: StateReader, hotkey: Hex, netuid: number): boolean =>
  weightedStake(state, hotkey, netuid) >= state.get(hyperparameters.stakeThreshold);

/** Since runtime 401 the owner's hotkey needs neither stake nor permit. */
export const isSubnetOwnerHotkey = (state: StateReader, hotkey: Hex, netuid: number): boolean =>
  state.get(subnet.networksAdded, netuid) && state.get(subnet.subnetOwnerHotkey, netuid) === hotkey;
