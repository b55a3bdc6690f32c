import { struct, tuple, vec } from '../../scale/composite.ts';
import { AccountId32 } from '../../scale/known.ts';
import { bool, compact, compactLarge, u16, u64 } from '../../scale/primitive.ts';
import { AxonInfo, PrometheusInfo } from '../pallets/subtensor-types.ts';

export const NeuronInfo = struct('pallet_subtensor::rpc_info::neuron_info::NeuronInfo', {
  hotkey: AccountId32,
  coldkey: AccountId32,
  uid: compact(u16),
  netuid: compact(u16),
  active: bool,
  axon_info: AxonInfo,
  prometheus_info: PrometheusInfo,
  stake: vec(tuple(AccountId32, compactLarge(u64))),
  rank: compact(u16),
  emission: compactLarge(u64),
  incentive: compact(u16),
  consensus: compact(u16),
  trust: compact(u16),
  validator_trust: compact(u16),
  dividends: compact(u16),
  last_update: compactLarge(u64),
  validator_permit: bool,
  weights: vec(tuple(compact(u16), compact(u16))),
  bonds: vec(tuple(compact(u16), compact(u16))),
  pruning_score: compact(u16),
});

export const NeuronInfoLite = struct('pallet_subtensor::rpc_info::neuron_info::NeuronInfoLite', {
  hotkey: AccountId32,
  coldkey: AccountId32,
  uid: compact(u16),
  netuid: compact(u16),
  active: bool,
  axon_info: AxonInfo,
  prometheus_info: PrometheusInfo,
  stake: vec(tuple(AccountId32, compactLarge(u64))),
  rank: compact(u16),
  emission: compactLarge(u64),
  incentive: compact(u16),
  consensus: compact(u16),
  trust: compact(u16),
  validator_trust: compact(u16),
  dividends: compact(u16),
  last_update: compactLarge(u64),
  validator_permit: bool,
  pruning_score: compact(u16),
});
