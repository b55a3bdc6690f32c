import type { metagraphFields } from '../declaration/apis/metagraph.ts';
import { hyperparameters as settings } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import { systemStorage } from '../declaration/pallets/system.ts';
import { activityCutoff, hotkeysOf } from '../runtime/epoch.ts';
import { alphaStake, taoStake, weightedStake } from '../runtime/stake.ts';
import { storageIndex } from '../runtime/weights/mechanism.ts';
import type { StructValue } from '../scale/composite.ts';
import { bytes } from '../scale/composite.ts';
import type { StateReader } from '../state/state.ts';
import { axonOf, padded } from './neurons.ts';

const { number } = systemStorage(bytes);

export type MetagraphValue = StructValue<typeof metagraphFields>;

/** A subnet as one value, read from one state; null where there is none. */
export function metagraphOf(state: StateReader, netuid: number, mecid = 0): MetagraphValue | null {
  if (!state.get(subnet.networksAdded, netuid)) return null;
  return {
    ...identityOf(state, netuid),
    ...economyOf(state, netuid),
    ...settingsOf(state, netuid),
    ...vectorsOf(state, netuid, mecid),
  };
}

/** The metagraph of one mechanism, whose index in storage stands in for the netuid; null where there is none. */
export function mechagraphOf(state: StateReader, netuid: number, mecid: number): MetagraphValue | null {
  if (mecid >= state.get(settings.mechanismCountCurrent, netuid)) return null;
  const whole = metagraphOf(state, netuid, mecid);
  return whole === null ? null : { ...whole, netuid: storageIndex({ netuid, mecid }) };
}

function identityOf(state: StateReader, netuid: number) {
  return {
    netuid,
    name: [...new TextEncoder().encode('ostinato')],
    symbol: [...state.get(subnet.tokenSymbol, netuid)],
    identity: state.get(neurons.subnetIdentitiesV3, netuid),
    network_registered_at: state.get(subnet.networkRegisteredAt, netuid),
    owner_hotkey: state.get(subnet.subnetOwnerHotkey, netuid),
    owner_coldkey: state.get(subnet.subnetOwner, netuid),
    block: BigInt(state.get(number)),
    tempo: state.get(settings.tempo, netuid),
    last_step: state.get(subnet.lastMechansimStepBlock, netuid),
    blocks_since_last_step: state.get(subnet.blocksSinceLastStep, netuid),
  };
}

function economyOf(state: StateReader, netuid: number) {
  return {
    subnet_emission: 0n,
    alpha_in: state.get(subnet.subnetAlphaIn, netuid),
    alpha_out: state.get(subnet.subnetAlphaOut, netuid),
    tao_in: state.get(subnet.subnetTAO, netuid),
    alpha_out_emission: state.get(subnet.subnetAlphaOutEmission, netuid),
    alpha_in_emission: state.get(subnet.subnetAlphaInEmission, netuid),
    tao_in_emission: state.get(subnet.subnetTaoInEmission, netuid),
    pending_alpha_emission:
      state.get(subnet.pendingServerEmission, netuid) + state.get(subnet.pendingValidatorEmission, netuid),
    pending_root_emission: state.get(subnet.pendingRootAlphaDivs, netuid),
    subnet_volume: state.get(subnet.subnetVolume, netuid),
    moving_price: state.get(subnet.subnetMovingPrice, netuid),
  };
}

export function settingsOf(state: StateReader, netuid: number) {
  const [alphaLow, alphaHigh] = state.get(settings.alphaValues, netuid);
  return {
    rho: state.get(settings.rho, netuid),
    kappa: state.get(settings.kappa, netuid),
    min_allowed_weights: state.get(settings.minAllowedWeights, netuid),
    max_weights_limit: state.get(settings.maxWeightsLimit, netuid),
    weights_version: state.get(settings.weightsVersionKey, netuid),
    weights_rate_limit: state.get(settings.weightsSetRateLimit, netuid),
    activity_cutoff: activityCutoff(state, netuid),
    max_validators: state.get(settings.maxAllowedValidators, netuid),
    num_uids: state.get(subnet.subnetworkN, netuid),
    max_uids: state.get(settings.maxAllowedUids, netuid),
    burn: state.get(settings.burn, netuid),
    difficulty: state.get(settings.difficulty, netuid),
    registration_allowed: state.get(settings.networkRegistrationAllowed, netuid),
    pow_registration_allowed: state.get(settings.networkPowRegistrationAllowed, netuid),
    immunity_period: state.get(settings.immunityPeriod, netuid),
    min_difficulty: state.get(settings.minDifficulty, netuid),
    max_difficulty: state.get(settings.maxDifficulty, netuid),
    min_burn: state.get(settings.minBurn, netuid),
    max_burn: state.get(settings.maxBurn, netuid),
    adjustment_alpha: state.get(settings.adjustmentAlpha, netuid),
    adjustment_interval: state.get(settings.adjustmentInterval, netuid),
    target_regs_per_interval: state.get(settings.targetRegistrationsPerInterval, netuid),
    max_regs_per_block: state.get(settings.maxRegistrationsPerBlock, netuid),
    serving_rate_limit: state.get(settings.servingRateLimit, netuid),
    commit_reveal_weights_enabled: state.get(settings.commitRevealWeightsEnabled, netuid),
    commit_reveal_period: state.get(settings.revealPeriodEpochs, netuid),
    liquid_alpha_enabled: state.get(settings.liquidAlphaOn, netuid),
    alpha_high: alphaHigh,
    alpha_low: alphaLow,
    bonds_moving_avg: state.get(settings.bondsMovingAverage, netuid),
  };
}

/** One entry for each uid; vectors that the chain keeps shorter are filled up. */
export function vectorsOf(state: StateReader, netuid: number, mecid = 0) {
  const hotkeys = hotkeysOf(state, netuid);
  const index = storageIndex({ netuid, mecid });
  const zeros = hotkeys.map(() => 0);
  const vector = <T>(values: readonly T[], missing: T) => padded(values, hotkeys.length, missing);
  return {
    hotkeys,
    coldkeys: hotkeys.map((hotkey) => state.get(neurons.owner, hotkey)),
    identities: hotkeys.map((hotkey) => state.get(neurons.identitiesV2, state.get(neurons.owner, hotkey))),
    axons: hotkeys.map((hotkey) => axonOf(state, netuid, hotkey)),
    active: vector(state.get(neurons.active, netuid), false),
    validator_permit: vector(state.get(neurons.validatorPermit, netuid), false),
    pruning_score: zeros,
    last_update: vector(state.get(neurons.lastUpdate, index), 0n),
    emission: vector(state.get(neurons.emission, netuid), 0n),
    dividends: vector(state.get(neurons.dividends, netuid), 0),
    incentives: vector(state.get(neurons.incentive, index), 0),
    consensus: vector(state.get(neurons.consensus, netuid), 0),
    trust: zeros,
    rank: zeros,
    block_at_registration: hotkeys.map((_, uid) => state.get(neurons.blockAtRegistration, netuid, uid)),
    alpha_stake: hotkeys.map((hotkey) => alphaStake(state, hotkey, netuid)),
    tao_stake: hotkeys.map((hotkey) => taoStake(state, hotkey)),
    total_stake: hotkeys.map((hotkey) => weightedStake(state, hotkey, netuid)),
    tao_dividends_per_hotkey: [],
    alpha_dividends_per_hotkey: [],
  };
}
