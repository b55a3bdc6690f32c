import { bool, u8, u16, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';

const { call, pallet } = declarePallet('AdminUtils', 19);

/** The root's settings of a subnet, as far as a test or a demo sets them. */
export const adminCalls = {
  servingRateLimit: call(3, 'sudo_set_serving_rate_limit', { netuid: u16, serving_rate_limit: u64 }),
  weightsVersionKey: call(6, 'sudo_set_weights_version_key', { netuid: u16, weights_version_key: u64 }),
  weightsSetRateLimit: call(7, 'sudo_set_weights_set_rate_limit', { netuid: u16, weights_set_rate_limit: u64 }),
  immunityPeriod: call(13, 'sudo_set_immunity_period', { netuid: u16, immunity_period: u16 }),
  minAllowedWeights: call(14, 'sudo_set_min_allowed_weights', { netuid: u16, min_allowed_weights: u16 }),
  maxAllowedUids: call(15, 'sudo_set_max_allowed_uids', { netuid: u16, max_allowed_uids: u16 }),
  registrationAllowed: call(19, 'sudo_set_network_registration_allowed', { netuid: u16, registration_allowed: bool }),
  maxAllowedValidators: call(25, 'sudo_set_max_allowed_validators', { netuid: u16, max_allowed_validators: u16 }),
  tempo: call(30, 'sudo_set_tempo', { netuid: u16, tempo: u16 }),
  stakeThreshold: call(42, 'sudo_set_stake_threshold', { min_stake: u64 }),
  commitRevealWeightsEnabled: call(49, 'sudo_set_commit_reveal_weights_enabled', { netuid: u16, enabled: bool }),
  commitRevealWeightsInterval: call(57, 'sudo_set_commit_reveal_weights_interval', { netuid: u16, interval: u64 }),
  commitRevealVersion: call(71, 'sudo_set_commit_reveal_version', { version: u16 }),
  adminFreezeWindow: call(74, 'sudo_set_admin_freeze_window', { window: u16 }),
  mechanismCount: call(76, 'sudo_set_mechanism_count', { netuid: u16, mechanism_count: u8 }),
};

export const adminPallet = pallet({ calls: adminCalls });
