import { struct } from '../../scale/composite.ts';
import { AccountId32, FixedU128 } from '../../scale/known.ts';
import { bool, compact, compactLarge, u16, u64 } from '../../scale/primitive.ts';

const PATH = 'pallet_subtensor::rpc_info::stake_info';

/** What a coldkey has on a hotkey of a subnet: alpha, or rao on netuid 0. */
export const StakeInfo = struct(`${PATH}::StakeInfo`, {
  hotkey: AccountId32,
  coldkey: AccountId32,
  netuid: compact(u16),
  stake: compactLarge(u64),
  locked: compactLarge(u64),
  emission: compactLarge(u64),
  tao_emission: compactLarge(u64),
  drain: compactLarge(u64),
  is_registered: bool,
});

export const StakeAvailability = struct(`${PATH}::StakeAvailability`, {
  total: compactLarge(u64),
  locked: compactLarge(u64),
  available: compactLarge(u64),
});

export const LockState = struct('pallet_subtensor::staking::lock::LockState', {
  locked_mass: u64,
  conviction: FixedU128,
  last_update: u64,
});
