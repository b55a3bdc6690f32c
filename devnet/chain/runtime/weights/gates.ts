import type { Hex } from '../../../../domain/units.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { State, StateReader } from '../../state/state.ts';
import { refusal } from '../failure.ts';
import { hasStakeForWeights, isSubnetOwnerHotkey } from '../stake.ts';
import { type Mechanism, storageIndex } from './mechanism.ts';

/** Every call about weights asks for stake first, whoever signs. */
export function ensureStake(state: StateReader, who: Hex, netuid: number): void {
  if (isSubnetOwnerHotkey(state, who, netuid)) return;
  if (!hasStakeForWeights(state, who, netuid)) throw refusal(errors.NotEnoughStakeToSetWeights);
}

/** Counted per mechanism, from the last update, which starts at the registration. */
export function passesRateLimit(state: StateReader, mechanism: Mechanism, uid: number, block: number): boolean {
  const last = state.get(neurons.lastUpdate, storageIndex(mechanism))[uid] ?? 0n;
  const limit = state.get(hyperparameters.weightsSetRateLimit, mechanism.netuid);
  return last === 0n || BigInt(block) - last >= limit;
}

/** LastUpdate of a uid; the vector of a mechanism that nobody has written to yet is padded. */
export function markUpdate(state: State, mechanism: Mechanism, uid: number, block: number): void {
  const index = storageIndex(mechanism);
  const lastUpdate = [...state.get(neurons.lastUpdate, index)];
  while (lastUpdate.length < state.get(subnet.subnetworkN, mechanism.netuid)) lastUpdate.push(0n);
  lastUpdate[uid] = BigInt(block);
  state.set(neurons.lastUpdate, [index], lastUpdate);
}
