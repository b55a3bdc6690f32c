import { struct } from '../../scale/composite.ts';
import { u16, u64 } from '../../scale/primitive.ts';

/** The price of one alpha (1e9 of its units) in rao. */
export const SubnetPrice = struct('pallet_subtensor_swap_runtime_api::SubnetPrice', { netuid: u16, price: u64 });

export const SimSwapResult = struct('pallet_subtensor_swap_runtime_api::SimSwapResult', {
  tao_amount: u64,
  alpha_amount: u64,
  tao_fee: u64,
  alpha_fee: u64,
  tao_slippage: u64,
  alpha_slippage: u64,
});
