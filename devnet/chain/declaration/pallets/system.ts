import type { Codec } from '../../scale/codec.ts';
import { bytes, fixedBytes, option, struct, tuple, vec, wrapper } from '../../scale/composite.ts';
import { AccountId32, Digest, DispatchError, DispatchEventInfo, H256, Phase, Weight } from '../../scale/known.ts';
import { compact, str, u8, u16, u32, u64, u128 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { blake2, storageOf, twox } from '../storage.ts';
import { runtimeVersion, SPEC_NAME, SPEC_VERSION } from '../version.ts';

const { value, optional, map } = storageOf('System');
const { call, event, errors, constant, pallet } = declarePallet('System', 0);

export const AccountInfo = struct('frame_system::AccountInfo', {
  nonce: u32,
  consumers: u32,
  providers: u32,
  sufficients: u32,
  data: struct('pallet_balances::types::AccountData', {
    free: u64,
    reserved: u64,
    frozen: u64,
    flags: wrapper('pallet_balances::types::ExtraFlags', u128),
  }),
});

/** Balances' marker for accounts of the new logic, which all of ours are. */
export const NEW_LOGIC_FLAG = 1n << 127n;
export const NO_ACCOUNT = {
  nonce: 0,
  consumers: 0,
  providers: 0,
  sufficients: 0,
  data: { free: 0n, reserved: 0n, frozen: 0n, flags: NEW_LOGIC_FLAG },
};

const zeroHash = `0x${'00'.repeat(32)}` as const;
const LastRuntimeUpgradeInfo = struct('frame_system::LastRuntimeUpgradeInfo', {
  spec_version: compact(u32),
  spec_name: wrapper('Cow', str, [{ name: 'T', type: str.type }]),
});

/** `events` is raw bytes here: the type of an event record needs all pallets, and is put in by the runtime. */
export function systemStorage(eventRecords: Codec<Uint8Array>) {
  return {
    account: map('Account', [blake2(AccountId32)], AccountInfo, NO_ACCOUNT),
    blockHash: map('BlockHash', [twox(u32)], H256, zeroHash),
    number: value('Number', u32, 0),
    parentHash: value('ParentHash', H256, zeroHash),
    digest: value('Digest', Digest, { logs: [] }),
    events: value('Events', eventRecords, new Uint8Array([0])),
    eventCount: value('EventCount', u32, 0),
    lastRuntimeUpgrade: optional('LastRuntimeUpgrade', LastRuntimeUpgradeInfo),
    executionPhase: optional('ExecutionPhase', Phase),
  };
}

export const systemCalls = {
  remark: call(0, 'remark', { remark: bytes }),
  setStorage: call(4, 'set_storage', { items: vec(tuple(bytes, bytes)) }),
  killStorage: call(5, 'kill_storage', { keys: vec(bytes) }),
  remarkWithEvent: call(7, 'remark_with_event', { remark: bytes }),
};

export const systemEvents = {
  extrinsicSuccess: event(0, 'ExtrinsicSuccess', { dispatch_info: DispatchEventInfo }),
  extrinsicFailed: event(1, 'ExtrinsicFailed', { dispatch_error: DispatchError, dispatch_info: DispatchEventInfo }),
  newAccount: event(3, 'NewAccount', { account: AccountId32 }),
  killedAccount: event(4, 'KilledAccount', { account: AccountId32 }),
  remarked: event(5, 'Remarked', { sender: AccountId32, hash: H256 }),
};

export const systemErrors = errors(
  'InvalidSpecName',
  'SpecVersionNeedsToIncrease',
  'FailedToExtractRuntimeVersion',
  'NonDefaultComposite',
  'NonZeroRefCount',
  'CallFiltered',
  'MultiBlockMigrationsOngoing',
  'NothingAuthorized',
  'Unauthorized',
);

const perClass = <T>(codec: Codec<T>) =>
  struct('frame_support::dispatch::PerDispatchClass', { normal: codec, operational: codec, mandatory: codec }, [
    { name: 'T', type: codec.type },
  ]);
const BlockLength = struct('frame_system::limits::BlockLength', { max: perClass(u32) });
const WeightsPerClass = struct('frame_system::limits::WeightsPerClass', {
  base_extrinsic: Weight,
  max_extrinsic: option(Weight),
  max_total: option(Weight),
  reserved: option(Weight),
});
const BlockWeights = struct('frame_system::limits::BlockWeights', {
  base_block: Weight,
  max_block: Weight,
  per_class: perClass(WeightsPerClass),
});

const ANY_PROOF_SIZE = 0xffff_ffff_ffff_ffffn;
/** 4 s of computation a block, and 10 MiB, of which normal extrinsics get 75 %. */
export const MAX_BLOCK_REF_TIME = 4_000_000_000_000n;
export const MAX_BLOCK_BYTES = 10_485_760;
const weightOf = (refTime: bigint) => ({ ref_time: refTime, proof_size: ANY_PROOF_SIZE });
const classLimits = {
  base_extrinsic: { ref_time: 108_157_000n, proof_size: 0n },
  max_extrinsic: null,
  max_total: weightOf((MAX_BLOCK_REF_TIME * 3n) / 4n),
  reserved: null,
};
const Version = struct('sp_version::RuntimeVersion', {
  spec_name: wrapper('Cow', str, [{ name: 'T', type: str.type }]),
  impl_name: wrapper('Cow', str, [{ name: 'T', type: str.type }]),
  authoring_version: u32,
  spec_version: u32,
  impl_version: u32,
  apis: wrapper('Cow', vec(tuple(fixedBytes(8), u32)), [{ name: 'T', type: vec(tuple(fixedBytes(8), u32)).type }]),
  transaction_version: u32,
  system_version: u8,
});

export { Version as RuntimeVersion };

/** How many blocks back a mortal transaction's birth hash is known. */
export const BLOCK_HASH_COUNT = 2400;

export const systemConstants = [
  constant('BlockWeights', BlockWeights, {
    base_block: { ref_time: 453_383_000n, proof_size: 0n },
    max_block: weightOf(MAX_BLOCK_REF_TIME),
    per_class: { normal: classLimits, operational: classLimits, mandatory: classLimits },
  }),
  constant('BlockLength', BlockLength, {
    max: { normal: (MAX_BLOCK_BYTES * 3) / 4, operational: MAX_BLOCK_BYTES, mandatory: MAX_BLOCK_BYTES },
  }),
  constant('BlockHashCount', u32, BLOCK_HASH_COUNT),
  constant('DbWeight', struct('sp_weights::RuntimeDbWeight', { read: u64, write: u64 }), {
    read: 25_000_000n,
    write: 100_000_000n,
  }),
  constant('Version', Version, runtimeVersion()),
  constant('SS58Prefix', u16, 42),
];

export const lastUpgrade = { spec_version: SPEC_VERSION, spec_name: SPEC_NAME };

export const systemPallet = (storage: ReturnType<typeof systemStorage>) =>
  pallet({ storage, calls: systemCalls, events: systemEvents, errors: systemErrors, constants: systemConstants });
