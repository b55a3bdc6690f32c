import { vec } from '../../scale/composite.ts';
import { AccountId32, DispatchError, H160, H256 } from '../../scale/known.ts';
import { bool, compact, u16, u32, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';

const { event } = declarePallet('SubtensorModule', 7);

/** Coldkey, hotkey, TAO, alpha, subnet, fee. */
const stake = { 0: AccountId32, 1: AccountId32, 2: u64, 3: u64, 4: u16, 5: u64 };

/** Where a field is called netuid in weights' events, it is the mechanism's storage index. */
export const subtensorEvents = {
  networkAdded: event(0, 'NetworkAdded', { 0: u16, 1: u16 }),
  stakeAdded: event(2, 'StakeAdded', stake),
  stakeRemoved: event(3, 'StakeRemoved', stake),
  stakeMoved: event(4, 'StakeMoved', { 0: AccountId32, 1: AccountId32, 2: u16, 3: AccountId32, 4: u16, 5: u64 }),
  weightsSet: event(5, 'WeightsSet', { 0: u16, 1: u16 }),
  neuronRegistered: event(6, 'NeuronRegistered', { 0: u16, 1: u16, 2: AccountId32 }),
  maxAllowedUidsSet: event(9, 'MaxAllowedUidsSet', { 0: u16, 1: u16 }),
  minAllowedWeightSet: event(19, 'MinAllowedWeightSet', { 0: u16, 1: u16 }),
  weightsSetRateLimitSet: event(22, 'WeightsSetRateLimitSet', { 0: u16, 1: u64 }),
  immunityPeriodSet: event(23, 'ImmunityPeriodSet', { 0: u16, 1: u16 }),
  maxAllowedValidatorsSet: event(27, 'MaxAllowedValidatorsSet', { 0: u16, 1: u16 }),
  axonServed: event(28, 'AxonServed', { 0: u16, 1: AccountId32 }),
  prometheusServed: event(29, 'PrometheusServed', { 0: u16, 1: AccountId32 }),
  weightsVersionKeySet: event(32, 'WeightsVersionKeySet', { 0: u16, 1: u64 }),
  servingRateLimitSet: event(35, 'ServingRateLimitSet', { 0: u16, 1: u64 }),
  adminFreezeWindowSet: event(43, 'AdminFreezeWindowSet', { 0: u16 }),
  registrationAllowed: event(50, 'RegistrationAllowed', { 0: u16, 1: bool }),
  tempoSet: event(52, 'TempoSet', { 0: u16, 1: u16 }),
  stakeThresholdSet: event(54, 'StakeThresholdSet', { 0: u64 }),
  weightsCommitted: event(85, 'WeightsCommitted', { 0: AccountId32, 1: u16, 2: H256 }),
  weightsRevealed: event(86, 'WeightsRevealed', { 0: AccountId32, 1: u16, 2: H256 }),
  weightsBatchRevealed: event(87, 'WeightsBatchRevealed', { 0: AccountId32, 1: u16, 2: vec(H256) }),
  batchWeightsCompleted: event(88, 'BatchWeightsCompleted', { 0: vec(compact(u16)), 1: AccountId32 }),
  batchCompletedWithErrors: event(89, 'BatchCompletedWithErrors', {}),
  batchWeightItemFailed: event(90, 'BatchWeightItemFailed', { 0: u16, 1: DispatchError }),
  takeDecreased: event(64, 'TakeDecreased', { 0: AccountId32, 1: AccountId32, 2: u16 }),
  takeIncreased: event(65, 'TakeIncreased', { 0: AccountId32, 1: AccountId32, 2: u16 }),
  coldkeySwapAnnounced: event(69, 'ColdkeySwapAnnounced', { who: AccountId32, new_coldkey_hash: H256 }),
  coldkeySwapDisputed: event(72, 'ColdkeySwapDisputed', { coldkey: AccountId32 }),
  stakeTransferred: event(91, 'StakeTransferred', {
    0: AccountId32,
    1: AccountId32,
    2: AccountId32,
    3: u16,
    4: u16,
    5: u64,
  }),
  stakeSwapped: event(92, 'StakeSwapped', { 0: AccountId32, 1: AccountId32, 2: u16, 3: u16, 4: u64 }),
  firstEmissionBlockNumberSet: event(95, 'FirstEmissionBlockNumberSet', { 0: u16, 1: u64 }),
  evmKeyAssociated: event(98, 'EvmKeyAssociated', {
    netuid: u16,
    hotkey: AccountId32,
    evm_key: H160,
    block_associated: u64,
  }),
  commitRevealPeriodsSet: event(100, 'CommitRevealPeriodsSet', { 0: u16, 1: u64 }),
  commitRevealEnabled: event(101, 'CommitRevealEnabled', { 0: u16, 1: bool }),
  commitRevealVersionSet: event(106, 'CommitRevealVersionSet', { 0: u16 }),
  timelockedWeightsCommitted: event(107, 'TimelockedWeightsCommitted', { 0: AccountId32, 1: u16, 2: H256, 3: u64 }),
  timelockedWeightsRevealed: event(108, 'TimelockedWeightsRevealed', { 0: u16, 1: AccountId32 }),
  activityCutoffFactorMilliSet: event(130, 'ActivityCutoffFactorMilliSet', { netuid: u16, factor_milli: u32 }),
  epochTriggered: event(131, 'EpochTriggered', { netuid: u16, by: AccountId32, fires_at: u64 }),
  epochDeferred: event(132, 'EpochDeferred', { netuid: u16, from_block: u64, to_block: u64 }),
};
