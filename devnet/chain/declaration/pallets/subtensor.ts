import { vec } from '../../scale/composite.ts';
import { AccountId32 } from '../../scale/known.ts';
import { bool, u8, u16, u32, u64, u128 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { subtensorErrors } from './subtensor-errors.ts';
import { hyperparameters } from './subtensor-hyperparameters.ts';
import { neurons } from './subtensor-neurons.ts';
import { subnet } from './subtensor-subnet.ts';

const { call, event, constant, pallet } = declarePallet('SubtensorModule', 7);

const weights = { dests: vec(u16), weights: vec(u16), version_key: u64 };

export const subtensorCalls = {
  setWeights: call(0, 'set_weights', { netuid: u16, ...weights }),
  serveAxon: call(4, 'serve_axon', {
    netuid: u16,
    version: u32,
    ip: u128,
    port: u16,
    ip_type: u8,
    protocol: u8,
    placeholder1: u8,
    placeholder2: u8,
  }),
  burnedRegister: call(7, 'burned_register', { netuid: u16, hotkey: AccountId32 }),
  setMechanismWeights: call(119, 'set_mechanism_weights', { netuid: u16, mecid: u8, ...weights }),
  registerLimit: call(134, 'register_limit', { netuid: u16, hotkey: AccountId32, limit_price: u64 }),
};

export const subtensorEvents = {
  weightsSet: event(5, 'WeightsSet', { 0: u16, 1: u16 }),
  neuronRegistered: event(6, 'NeuronRegistered', { 0: u16, 1: u16, 2: AccountId32 }),
  maxAllowedUidsSet: event(9, 'MaxAllowedUidsSet', { 0: u16, 1: u16 }),
  minAllowedWeightSet: event(19, 'MinAllowedWeightSet', { 0: u16, 1: u16 }),
  weightsSetRateLimitSet: event(22, 'WeightsSetRateLimitSet', { 0: u16, 1: u64 }),
  immunityPeriodSet: event(23, 'ImmunityPeriodSet', { 0: u16, 1: u16 }),
  maxAllowedValidatorsSet: event(27, 'MaxAllowedValidatorsSet', { 0: u16, 1: u16 }),
  axonServed: event(28, 'AxonServed', { 0: u16, 1: AccountId32 }),
  weightsVersionKeySet: event(32, 'WeightsVersionKeySet', { 0: u16, 1: u64 }),
  servingRateLimitSet: event(35, 'ServingRateLimitSet', { 0: u16, 1: u64 }),
  registrationAllowed: event(50, 'RegistrationAllowed', { 0: u16, 1: bool }),
  tempoSet: event(52, 'TempoSet', { 0: u16, 1: u16 }),
  stakeThresholdSet: event(54, 'StakeThresholdSet', { 0: u64 }),
  commitRevealEnabled: event(101, 'CommitRevealEnabled', { 0: u16, 1: bool }),
  epochDeferred: event(132, 'EpochDeferred', { netuid: u16, from_block: u64, to_block: u64 }),
};

export const subtensorPallet = pallet({
  storage: { ...hyperparameters, ...subnet, ...neurons },
  calls: subtensorCalls,
  events: subtensorEvents,
  errors: subtensorErrors,
  constants: [
    constant('InitialMinAllowedWeights', u16, 1024),
    constant('InitialTempo', u16, 360),
    constant('MinTempo', u16, 360),
    constant('MaxTempo', u16, 50_400),
    constant('InitialBurn', u64, 100_000_000n),
    constant('InitialMinBurn', u64, 500_000n),
    constant('InitialMaxBurn', u64, 100_000_000_000n),
    constant('InitialMaxAllowedUids', u16, 256),
    constant('InitialImmunityPeriod', u16, 4096),
    constant('InitialServingRateLimit', u64, 50n),
    constant('InitialMaxAllowedValidators', u16, 128),
    constant('InitialMaxEpochsPerBlock', u8, 2),
  ],
});
