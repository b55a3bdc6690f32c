import { struct, tuple, vec } from '../../scale/composite.ts';
import { AccountId32 } from '../../scale/known.ts';
import { compact, compactLarge, u16, u64 } from '../../scale/primitive.ts';

/** A hotkey that takes stake of others, with each nominator's stake by subnet. */
export const DelegateInfo = struct('pallet_subtensor::rpc_info::delegate_info::DelegateInfo', {
  delegate_ss58: AccountId32,
  take: compact(u16),
  nominators: vec(tuple(AccountId32, vec(tuple(compact(u16), compactLarge(u64))))),
  owner_ss58: AccountId32,
  registrations: vec(compact(u16)),
  validator_permits: vec(compact(u16)),
  return_per_1000: compactLarge(u64),
  total_daily_return: compactLarge(u64),
});

/** The netuid and the amount of one delegation. */
export const Delegation = tuple(DelegateInfo, tuple(compact(u16), compactLarge(u64)));
