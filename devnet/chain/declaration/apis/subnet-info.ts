import { fixedList, option, struct, vec } from '../../scale/composite.ts';
import { AccountId32, FixedI64 } from '../../scale/known.ts';
import { bool, compact, compactLarge, u16, u64 } from '../../scale/primitive.ts';
import { SubnetIdentityV3 } from '../pallets/subtensor-types.ts';

export const SubnetState = struct('pallet_subtensor::rpc_info::show_subnet::SubnetState', {
  netuid: compact(u16),
  hotkeys: vec(AccountId32),
  coldkeys: vec(AccountId32),
  active: vec(bool),
  validator_permit: vec(bool),
  pruning_score: vec(compact(u16)),
  last_update: vec(compactLarge(u64)),
  emission: vec(compactLarge(u64)),
  dividends: vec(compact(u16)),
  incentives: vec(compact(u16)),
  consensus: vec(compact(u16)),
  trust: vec(compact(u16)),
  rank: vec(compact(u16)),
  block_at_registration: vec(compactLarge(u64)),
  alpha_stake: vec(compactLarge(u64)),
  tao_stake: vec(compactLarge(u64)),
  total_stake: vec(compactLarge(u64)),
  emission_history: vec(vec(compactLarge(u64))),
});

const PATH = 'pallet_subtensor::rpc_info::subnet_info';

const hyperparamFields = {
  rho: compact(u16),
  kappa: compact(u16),
  immunity_period: compact(u16),
  min_allowed_weights: compact(u16),
  max_weights_limit: compact(u16),
  tempo: compact(u16),
  min_difficulty: compactLarge(u64),
  max_difficulty: compactLarge(u64),
  weights_version: compactLarge(u64),
  weights_rate_limit: compactLarge(u64),
  adjustment_interval: compact(u16),
  activity_cutoff: compactLarge(u64),
  registration_allowed: bool,
  target_regs_per_interval: compact(u16),
  min_burn: compactLarge(u64),
  max_burn: compactLarge(u64),
  bonds_moving_avg: compactLarge(u64),
  max_regs_per_block: compact(u16),
  serving_rate_limit: compactLarge(u64),
  max_validators: compact(u16),
  adjustment_alpha: compactLarge(u64),
  difficulty: compactLarge(u64),
  commit_reveal_period: compactLarge(u64),
  commit_reveal_weights_enabled: bool,
  alpha_high: compact(u16),
  alpha_low: compact(u16),
  liquid_alpha_enabled: bool,
};

export const SubnetHyperparams = struct(`${PATH}::SubnetHyperparams`, hyperparamFields);

export const SubnetHyperparamsV2 = struct(`${PATH}::SubnetHyperparamsV2`, {
  ...hyperparamFields,
  alpha_sigmoid_steepness: FixedI64,
  yuma_version: compact(u16),
  subnet_is_active: bool,
  transfers_enabled: bool,
  bonds_reset_enabled: bool,
  user_liquidity_enabled: bool,
});

const settings = {
  netuid: compact(u16),
  rho: compact(u16),
  kappa: compact(u16),
  difficulty: compactLarge(u64),
  immunity_period: compact(u16),
  max_allowed_validators: compact(u16),
  min_allowed_weights: compact(u16),
  max_weights_limit: compact(u16),
  scaling_law_power: compact(u16),
  subnetwork_n: compact(u16),
  max_allowed_uids: compact(u16),
  blocks_since_last_step: compactLarge(u64),
  tempo: compact(u16),
  network_modality: compact(u16),
  network_connect: vec(fixedList(u16, 2)),
};
const ends = { burn: compactLarge(u64), owner: AccountId32 };

export const SubnetInfo = struct(`${PATH}::SubnetInfo`, { ...settings, emission_values: compactLarge(u64), ...ends });

export const SubnetInfoV2 = struct(`${PATH}::SubnetInfov2`, {
  ...settings,
  emission_value: compactLarge(u64),
  ...ends,
  identity: option(SubnetIdentityV3),
});
