import type { Hex } from '../../../../domain/units.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { State } from '../../state/state.ts';
import { refusal } from '../failure.ts';
import { isSubnetOwnerHotkey } from '../stake.ts';
import { ensureStake, markUpdate, passesRateLimit } from './gates.ts';
import { ensureMechanism, type Mechanism, storageIndex } from './mechanism.ts';

const MAX_WEIGHT = 65_535;
const ROOT_NETUID = 0;

export interface Vector extends Mechanism {
  readonly dests: readonly number[];
  readonly weights: readonly number[];
  readonly version_key: bigint;
}

/**
 * Stores a vector after all of the chain's checks, in their order: what `set_weights` does, and what every reveal ends
 * in. While commit-reveal is on there is no rate limit here, and LastUpdate stays at the commit's block.
 */
export function setWeights(state: State, who: Hex, block: number, vector: Vector): void {
  const { netuid, dests, weights } = vector;
  const uids = state.get(subnet.subnetworkN, netuid);
  if (netuid === ROOT_NETUID) throw refusal(errors.CanNotSetRootNetworkWeights);
  if (dests.length !== weights.length) throw refusal(errors.WeightVecNotEqualSize);
  ensureMechanism(state, vector);
  if (dests.length > uids) throw refusal(errors.UidsLengthExceedUidsInSubNet);
  const uid = state.get(neurons.uids, netuid, who);
  if (uid === null) throw refusal(errors.HotKeyNotRegisteredInSubNet);
  ensureStake(state, who, netuid);
  const versionKey = state.get(hyperparameters.weightsVersionKey, netuid);
  if (versionKey !== 0n && vector.version_key < versionKey) throw refusal(errors.IncorrectWeightVersionKey);
  const committed = state.get(hyperparameters.commitRevealWeightsEnabled, netuid);
  if (!committed && !passesRateLimit(state, vector, uid, block)) throw refusal(errors.SettingWeightsTooFast);
  const selfOnly = dests.length === 1 && dests[0] === uid;
  const permitted = state.get(neurons.validatorPermit, netuid)[uid] ?? false;
  if (!selfOnly && !permitted && !isSubnetOwnerHotkey(state, who, netuid))
    throw refusal(errors.NeuronNoValidatorPermit);
  if (new Set(dests).size !== dests.length) throw refusal(errors.DuplicateUids);
  if (dests.some((dest) => dest >= uids)) throw refusal(errors.UidVecContainInvalidOne);
  const minimum = Math.min(state.get(hyperparameters.minAllowedWeights, netuid), uids);
  if (!selfOnly && dests.length < minimum) throw refusal(errors.WeightVecLengthIsLow);

  const index = storageIndex(vector);
  const scaled = maxUpscale(weights);
  state.set(
    neurons.weights,
    [index, uid],
    dests.map((dest, at) => [dest, scaled[at] ?? 0] as const),
  );
  if (!committed) markUpdate(state, vector, uid, block);
  state.emit(subtensorEvents.weightsSet, { 0: index, 1: uid });
}

/** The largest weight becomes 65535, the others in proportion, rounded to nearest. */
export function maxUpscale(weights: readonly number[]): number[] {
  const largest = Math.max(0, ...weights);
  return weights.map((weight) => (largest === 0 ? 0 : Math.round((weight * MAX_WEIGHT) / largest)));
}
