import { vec } from '../../scale/composite.ts';
import { AccountId32, DispatchError, H256 } from '../../scale/known.ts';
import { bool, compact, u16, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';

const { event } = declarePallet('SubtensorModule', 7);

/** Where a field is called netuid in weights' events, it is the mechanism's storage index. */
export const subtensorEvents = {
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
  commitRevealPeriodsSet: event(100, 'CommitRevealPeriodsSet', { 0: u16, 1: u64 }),
  commitRevealEnabled: event(101, 'CommitRevealEnabled', { 0: u16, 1: bool }),
  commitRevealVersionSet: event(106, 'CommitRevealVersionSet', { 0: u16 }),
  timelockedWeightsCommitted: event(107, 'TimelockedWeightsCommitted', { 0: AccountId32, 1: u16, 2: H256, 3: u64 }),
  timelockedWeightsRevealed: event(108, 'TimelockedWeightsRevealed', { 0: u16, 1: AccountId32 }),
  epochDeferred: event(132, 'EpochDeferred', { netuid: u16, from_block: u64, to_block: u64 }),
};
