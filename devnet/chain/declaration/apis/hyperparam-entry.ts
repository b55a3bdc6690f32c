import { bytes, struct, variant } from '../../scale/composite.ts';
import { FixedI64, FixedU128 } from '../../scale/known.ts';
import { bool, compact, compactLarge, u16, u32, u64, u128 } from '../../scale/primitive.ts';

const PATH = 'pallet_subtensor::rpc_info::subnet_info';

/** One named setting; clients look settings up by name and ignore those that they do not know. */
export const HyperparamEntry = struct(`${PATH}::HyperparamEntry`, {
  name: bytes,
  value: variant(`${PATH}::HyperparamValue`, {
    Bool: [0, { 0: bool }],
    U16: [1, { 0: compact(u16) }],
    U32: [2, { 0: compact(u32) }],
    U64: [3, { 0: compactLarge(u64) }],
    U128: [4, { 0: compactLarge(u128) }],
    TaoBalance: [5, { 0: compactLarge(u64) }],
    I32F32: [6, { 0: FixedI64 }],
    U64F64: [7, { 0: FixedU128 }],
  }),
});
