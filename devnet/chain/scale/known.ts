import { hexToU8a, u8aToHex } from '@polkadot/util';
import type { Hex } from '../../../domain/units.ts';
import type { Codec } from './codec.ts';
import { bytes, fixedBytes, struct, tuple, variant, vec, wrapper } from './composite.ts';
import { compactLarge, i64, i128, u8, u32, u64, u128 } from './primitive.ts';

/** Types of Substrate itself, under the paths by which clients know them. */

function hex(of: Codec<Uint8Array>): Codec<Hex> {
  return {
    type: of.type,
    encode: (value, out) => of.encode(hexToU8a(value), out),
    decode: (input) => u8aToHex(of.decode(input)),
  };
}

export const H256 = wrapper('primitive_types::H256', hex(fixedBytes(32)));
/** An address of Ethereum, as hex. */
export const H160 = wrapper('primitive_types::H160', hex(fixedBytes(20)));
/** An account's public key, as hex. */
export const AccountId32 = wrapper('sp_core::crypto::AccountId32', hex(fixedBytes(32)));
export const ZERO_ACCOUNT: Hex = `0x${'00'.repeat(32)}`;

const unit = tuple();

export const MultiAddress = variant(
  'sp_runtime::multiaddress::MultiAddress',
  {
    Id: [0, { 0: AccountId32 }],
    Index: [1, { 0: { ...unit, type: { kind: 'compact', of: unit.type } } }],
    Raw: [2, { 0: bytes }],
    Address32: [3, { 0: fixedBytes(32) }],
    Address20: [4, { 0: fixedBytes(20) }],
  },
  [
    { name: 'AccountId', type: AccountId32.type },
    { name: 'AccountIndex', type: unit.type },
  ],
);

export const MultiSignature = variant('sp_runtime::MultiSignature', {
  Ed25519: [0, { 0: fixedBytes(64) }],
  Sr25519: [1, { 0: fixedBytes(64) }],
  Ecdsa: [2, { 0: fixedBytes(65) }],
});

export const Weight = struct('sp_weights::weight_v2::Weight', {
  ref_time: compactLarge(u64),
  proof_size: compactLarge(u64),
});

export const DispatchClass = variant('frame_support::dispatch::DispatchClass', {
  Normal: [0, {}],
  Operational: [1, {}],
  Mandatory: [2, {}],
});
export const Pays = variant('frame_support::dispatch::Pays', { Yes: [0, {}], No: [1, {}] });
export const DispatchEventInfo = struct('frame_system::DispatchEventInfo', {
  weight: Weight,
  class: DispatchClass,
  pays_fee: Pays,
});

const names = (...list: readonly string[]) =>
  Object.fromEntries(list.map((name, index) => [name, [index, {}] as const]));

const ModuleError = struct('sp_runtime::ModuleError', { index: u8, error: fixedBytes(4) });
export const TokenError = variant('sp_runtime::TokenError', {
  FundsUnavailable: [0, {}],
  OnlyProvider: [1, {}],
  BelowMinimum: [2, {}],
  CannotCreate: [3, {}],
  UnknownAsset: [4, {}],
  Frozen: [5, {}],
  Unsupported: [6, {}],
  CannotCreateHold: [7, {}],
  NotExpendable: [8, {}],
  Blocked: [9, {}],
});
const ArithmeticError = variant('sp_arithmetic::ArithmeticError', names('Underflow', 'Overflow', 'DivisionByZero'));
const TransactionalError = variant('sp_runtime::TransactionalError', names('LimitReached', 'NoLayer'));
const TrieError = variant(
  'sp_runtime::proving_trie::TrieError',
  names(
    'InvalidStateRoot',
    'IncompleteDatabase',
    'ValueAtIncompleteKey',
    'DecoderError',
    'InvalidHash',
    'DuplicateKey',
    'ExtraneousNode',
    'ExtraneousValue',
    'ExtraneousHashReference',
    'InvalidChildReference',
    'ValueMismatch',
    'IncompleteProof',
    'RootMismatch',
    'DecodeError',
  ),
);

export const DispatchError = variant('sp_runtime::DispatchError', {
  Other: [0, {}],
  CannotLookup: [1, {}],
  BadOrigin: [2, {}],
  Module: [3, { 0: ModuleError }],
  ConsumerRemaining: [4, {}],
  NoProviders: [5, {}],
  TooManyConsumers: [6, {}],
  Token: [7, { 0: TokenError }],
  Arithmetic: [8, { 0: ArithmeticError }],
  Transactional: [9, { 0: TransactionalError }],
  Exhausted: [10, {}],
  Corruption: [11, {}],
  Unavailable: [12, {}],
  RootNotAllowed: [13, {}],
  Trie: [14, { 0: TrieError }],
});

/** `Result<(), DispatchError>`. */
export const DispatchResult = variant('Result', { Ok: [0, { 0: unit }], Err: [1, { 0: DispatchError }] }, [
  { name: 'T', type: unit.type },
  { name: 'E', type: DispatchError.type },
]);

export const Phase = variant('frame_system::Phase', {
  ApplyExtrinsic: [0, { 0: u32 }],
  Finalization: [1, {}],
  Initialization: [2, {}],
});

const engineId = fixedBytes(4);
export const DigestItem = variant('sp_runtime::generic::digest::DigestItem', {
  PreRuntime: [6, { 0: engineId, 1: bytes }],
  Consensus: [4, { 0: engineId, 1: bytes }],
  Seal: [5, { 0: engineId, 1: bytes }],
  Other: [0, { 0: bytes }],
  RuntimeEnvironmentUpdated: [8, {}],
});
export const Digest = struct('sp_runtime::generic::digest::Digest', { logs: vec(DigestItem) });

/** Fixed-point numbers, by their bits. */
export const FixedI64 = struct('substrate_fixed::FixedI64', { bits: i64 });
export const FixedI128 = struct('substrate_fixed::FixedI128', { bits: i128 });
export const FixedU128 = struct('substrate_fixed::FixedU128', { bits: u128 });
