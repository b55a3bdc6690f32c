import type { CallDeclaration } from '../../declaration/pallet.ts';
import { adminCalls } from '../../declaration/pallets/admin-utils.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters as settings } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { HyperparameterName } from '../../declaration/pallets/subtensor-types.ts';
import type { Fields, StructValue } from '../../scale/composite.ts';
import { u16 } from '../../scale/primitive.ts';
import type { State, StateReader } from '../../state/state.ts';
import { refusal } from '../failure.ts';
import { ensureRoot, type Handler, handler } from '../handler.ts';
import { ensureOwnerOrRoot, type Turn } from '../owner.ts';

const ofSubnet = { netuid: u16 };
const MAX_REVEAL_PERIOD = 100n;
const MAX_UIDS_OF_ALL_MECHANISMS = 256;

const pays = { paysFee: true, refTime: 25_000_000n } as const;

type Apply<F extends Fields> = (state: State, args: StructValue<F>, block: number) => void;

/** Root's settings, reached through Sudo. */
function setting<F extends Fields>(call: CallDeclaration<F>, apply: Apply<F>): Handler {
  return handler(call, {
    ...pays,
    run: (context, args) => {
      ensureRoot(context);
      apply(context.state, args, context.block);
    },
  });
}

/** Settings that the subnet's owner may change, too. */
function ownSetting<F extends Fields & typeof ofSubnet>(
  call: CallDeclaration<F>,
  name: HyperparameterName | 'WeightsVersionKey',
  apply: Apply<F>,
): Handler {
  return handler(call, {
    ...pays,
    run: (context, args) => {
      const { netuid }: StructValue<typeof ofSubnet> = args;
      ensureOwnerOrRoot(context, netuid, turnOf(context.state, netuid, name));
      apply(context.state, args, context.block);
    },
  });
}

/** The version key is changed more seldom than the rest: anybody who lags behind it cannot set weights. */
const turnOf = (state: StateReader, netuid: number, name: HyperparameterName | 'WeightsVersionKey'): Turn =>
  name === 'WeightsVersionKey'
    ? {
        kind: 'weightsVersionKey',
        blocks: state.get(settings.weightsVersionKeyRateLimit) * BigInt(state.get(settings.tempo, netuid)),
      }
    : { hyperparameter: name };

export const adminHandlers: readonly Handler[] = [
  ownSetting(adminCalls.servingRateLimit, 'ServingRateLimit', (state, { netuid, serving_rate_limit: limit }) => {
    state.set(settings.servingRateLimit, [netuid], limit);
    state.emit(events.servingRateLimitSet, { 0: netuid, 1: limit });
  }),
  ownSetting(adminCalls.weightsVersionKey, 'WeightsVersionKey', (state, { netuid, weights_version_key: key }) => {
    state.set(settings.weightsVersionKey, [netuid], key);
    state.emit(events.weightsVersionKeySet, { 0: netuid, 1: key });
  }),
  setting(adminCalls.weightsSetRateLimit, (state, { netuid, weights_set_rate_limit: limit }) => {
    state.set(settings.weightsSetRateLimit, [netuid], limit);
    state.emit(events.weightsSetRateLimitSet, { 0: netuid, 1: limit });
  }),
  ownSetting(adminCalls.immunityPeriod, 'ImmunityPeriod', (state, { netuid, immunity_period: period }) => {
    state.set(settings.immunityPeriod, [netuid], period);
    state.emit(events.immunityPeriodSet, { 0: netuid, 1: period });
  }),
  ownSetting(adminCalls.minAllowedWeights, 'MinAllowedWeights', (state, { netuid, min_allowed_weights: minimum }) => {
    state.set(settings.minAllowedWeights, [netuid], minimum);
    state.emit(events.minAllowedWeightSet, { 0: netuid, 1: minimum });
  }),
  ownSetting(adminCalls.maxAllowedUids, 'MaxAllowedUids', (state, { netuid, max_allowed_uids: maximum }) => {
    state.set(settings.maxAllowedUids, [netuid], maximum);
    state.emit(events.maxAllowedUidsSet, { 0: netuid, 1: maximum });
  }),
  setting(adminCalls.registrationAllowed, (state, { netuid, registration_allowed: allowed }) => {
    state.set(settings.networkRegistrationAllowed, [netuid], allowed);
    state.emit(events.registrationAllowed, { 0: netuid, 1: allowed });
  }),
  setting(adminCalls.maxAllowedValidators, (state, { netuid, max_allowed_validators: maximum }) => {
    state.set(settings.maxAllowedValidators, [netuid], maximum);
    state.emit(events.maxAllowedValidatorsSet, { 0: netuid, 1: maximum });
  }),
  setting(adminCalls.tempo, (state, { netuid, tempo }, block) => {
    state.set(settings.tempo, [netuid], tempo);
    state.set(subnet.lastEpochBlock, [netuid], BigInt(block));
    state.emit(events.tempoSet, { 0: netuid, 1: tempo });
  }),
  setting(adminCalls.adminFreezeWindow, (state, { window }) => {
    state.set(settings.adminFreezeWindow, [], window);
    state.emit(events.adminFreezeWindowSet, { 0: window });
  }),
  setting(adminCalls.stakeThreshold, (state, { min_stake: threshold }) => {
    state.set(settings.stakeThreshold, [], threshold);
    state.emit(events.stakeThresholdSet, { 0: threshold });
  }),
  ownSetting(adminCalls.commitRevealWeightsInterval, 'WeightCommitInterval', (state, { netuid, interval }) => {
    if (interval > MAX_REVEAL_PERIOD) throw refusal(errors.RevealPeriodTooLarge);
    if (interval < 1n) throw refusal(errors.RevealPeriodTooSmall);
    state.set(settings.revealPeriodEpochs, [netuid], interval);
    state.emit(events.commitRevealPeriodsSet, { 0: netuid, 1: interval });
  }),
  setting(adminCalls.commitRevealVersion, (state, { version }) => {
    state.set(settings.commitRevealWeightsVersion, [], version);
    state.emit(events.commitRevealVersionSet, { 0: version });
  }),
  setting(adminCalls.mechanismCount, (state, { netuid, mechanism_count: count }) => {
    if (!state.get(subnet.networksAdded, netuid)) throw refusal(errors.MechanismDoesNotExist);
    const known = count >= 1 && count <= state.get(settings.maxMechanismCount);
    if (!known) throw refusal(errors.InvalidValue);
    if (count * state.get(settings.maxAllowedUids, netuid) > MAX_UIDS_OF_ALL_MECHANISMS && count > 1)
      throw refusal(errors.TooManyUIDsPerMechanism);
    state.set(settings.mechanismCountCurrent, [netuid], count);
  }),
  ownSetting(adminCalls.commitRevealWeightsEnabled, 'CommitRevealEnabled', (state, { netuid, enabled }) => {
    state.set(settings.commitRevealWeightsEnabled, [netuid], enabled);
    state.emit(events.commitRevealEnabled, { 0: netuid, 1: enabled });
  }),
];
