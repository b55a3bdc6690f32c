import { option, struct, vec } from '../../scale/composite.ts';
import { AccountId32, FixedI128 } from '../../scale/known.ts';
import { compact, compactLarge, u8, u16, u64, u128 } from '../../scale/primitive.ts';
import { SubnetIdentityV3 } from '../pallets/subtensor-types.ts';

/** A subnet's pool and where its epochs stand. */
export const DynamicInfo = struct('pallet_subtensor::rpc_info::dynamic_info::DynamicInfo', {
  netuid: compact(u16),
  owner_hotkey: AccountId32,
  owner_coldkey: AccountId32,
  subnet_name: vec(compact(u8)),
  token_symbol: vec(compact(u8)),
  tempo: compact(u16),
  last_step: compactLarge(u64),
  blocks_since_last_step: compactLarge(u64),
  emission: compactLarge(u64),
  alpha_in: compactLarge(u64),
  alpha_out: compactLarge(u64),
  tao_in: compactLarge(u64),
  alpha_out_emission: compactLarge(u64),
  alpha_in_emission: compactLarge(u64),
  tao_in_emission: compactLarge(u64),
  pending_alpha_emission: compactLarge(u64),
  pending_root_emission: compactLarge(u64),
  subnet_volume: compactLarge(u128),
  network_registered_at: compactLarge(u64),
  subnet_identity: option(SubnetIdentityV3),
  moving_price: FixedI128,
});
