import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls, subtensorEvents } from '../../declaration/pallets/subtensor.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { hasStakeForWeights, isSubnetOwnerHotkey } from '../stake.ts';

const MAX_WEIGHT = 65_535;
/** Mechanisms of one subnet keep their weights under storage indexes this far apart. */
const MECHANISM_STRIDE = 4096;
const ROOT_NETUID = 0;

interface Vector {
  readonly netuid: number;
  readonly mecid: number;
  readonly dests: readonly number[];
  readonly weights: readonly number[];
  readonly version_key: bigint;
}

const storageIndex = ({ netuid, mecid }: Vector) => mecid * MECHANISM_STRIDE + netuid;

function passesRateLimit(context: Context, vector: Vector, uid: number): boolean {
  const last = context.state.get(neurons.lastUpdate, storageIndex(vector))[uid] ?? 0n;
  const limit = context.state.get(hyperparameters.weightsSetRateLimit, vector.netuid);
  return last === 0n || BigInt(context.block) - last >= limit;
}

/** The checks of the pool: stake first, whoever signs, and then the rate limit of a registered signer. */
function check(context: Context, vector: Vector): void {
  if (context.origin.kind !== 'signed') return;
  const { who } = context.origin;
  const { state } = context;
  ensureStake(context, vector, who);
  if (state.get(hyperparameters.commitRevealWeightsEnabled, vector.netuid)) return;
  const uid = state.get(neurons.uids, vector.netuid, who);
  if (uid !== null && !passesRateLimit(context, vector, uid)) throw refusal(errors.SettingWeightsTooFast);
}

function ensureStake({ state }: Context, { netuid }: Vector, who: Hex): void {
  if (isSubnetOwnerHotkey(state, who, netuid)) return;
  if (!hasStakeForWeights(state, who, netuid)) throw refusal(errors.NotEnoughStakeToSetWeights);
}

function setWeights(context: Context, vector: Vector): void {
  const who = signer(context);
  const { state } = context;
  const { netuid, dests, weights } = vector;
  const uids = state.get(subnet.subnetworkN, netuid);

  if (state.get(hyperparameters.commitRevealWeightsEnabled, netuid)) throw refusal(errors.CommitRevealEnabled);
  if (netuid === ROOT_NETUID) throw refusal(errors.CanNotSetRootNetworkWeights);
  if (dests.length !== weights.length) throw refusal(errors.WeightVecNotEqualSize);
  const exists = state.get(subnet.networksAdded, netuid);
  if (!exists || vector.mecid >= state.get(hyperparameters.mechanismCountCurrent, netuid)) {
    throw refusal(errors.MechanismDoesNotExist);
  }
  if (dests.length > uids) throw refusal(errors.UidsLengthExceedUidsInSubNet);
  const uid = state.get(neurons.uids, netuid, who);
  if (uid === null) throw refusal(errors.HotKeyNotRegisteredInSubNet);
  ensureStake(context, vector, who);
  const versionKey = state.get(hyperparameters.weightsVersionKey, netuid);
  if (versionKey !== 0n && vector.version_key < versionKey) throw refusal(errors.IncorrectWeightVersionKey);
  if (!passesRateLimit(context, vector, uid)) throw refusal(errors.SettingWeightsTooFast);
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
  const lastUpdate = [...state.get(neurons.lastUpdate, index)];
  while (lastUpdate.length < uids) lastUpdate.push(0n);
  lastUpdate[uid] = BigInt(context.block);
  state.set(neurons.lastUpdate, [index], lastUpdate);
  state.emit(subtensorEvents.weightsSet, { 0: index, 1: uid });
}

/** The largest weight becomes 65535, the others in proportion, rounded to nearest. */
export function maxUpscale(weights: readonly number[]): number[] {
  const largest = Math.max(0, ...weights);
  return weights.map((weight) => (largest === 0 ? 0 : Math.round((weight * MAX_WEIGHT) / largest)));
}

const free = { paysFee: false, refTime: 15_540_000_000n } as const;

export const weightHandlers: readonly Handler[] = [
  handler(subtensorCalls.setWeights, {
    ...free,
    check: (context, args) => check(context, { ...args, mecid: 0 }),
    run: (context, args) => setWeights(context, { ...args, mecid: 0 }),
  }),
  handler(subtensorCalls.setMechanismWeights, { ...free, check, run: setWeights }),
];
