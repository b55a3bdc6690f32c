import type { Codec } from '../../scale/codec.ts';
import {
  boundedBytes,
  boundedVec,
  bytes,
  fixedBytes,
  struct,
  tuple,
  variant,
  vec,
  wrapper,
} from '../../scale/composite.ts';
import { AccountId32 } from '../../scale/known.ts';
import { u16, u32, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { identity, storageOf, twox } from '../storage.ts';

const { value, optionalMap } = storageOf('Commitments');
const { call, event, errors, constant, pallet } = declarePallet('Commitments', 18);

export const MAX_FIELDS = 3;

const hash = fixedBytes(32);
/** Raw0 to Raw128: the variant's number is the length of its bytes. */
const raws = Object.fromEntries(
  Array.from({ length: 129 }, (_, size) => [`Raw${size}`, [size + 1, { 0: fixedBytes(size) }] as const]),
);

interface DataValue {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export const Data: Codec<DataValue> = variant('pallet_commitments::types::Data', {
  None: [0, {}],
  ...raws,
  BlakeTwo256: [130, { 0: hash }],
  Sha256: [131, { 0: hash }],
  Keccak256: [132, { 0: hash }],
  ShaThree256: [133, { 0: hash }],
  TimelockEncrypted: [134, { encrypted: boundedBytes(1024), reveal_round: u64 }],
  ResetBondsFlag: [135, {}],
  BigRaw: [136, { 0: boundedBytes(512) }],
});

export const CommitmentInfo = struct('pallet_commitments::types::CommitmentInfo', {
  fields: boundedVec(Data, MAX_FIELDS),
});
export const Registration = struct('pallet_commitments::types::Registration', {
  deposit: u64,
  block: u32,
  info: CommitmentInfo,
});

const perHotkey = [identity(u16), twox(AccountId32)] as const;

const SubnetAndAccount = tuple(u16, AccountId32);
/** A set lies in storage as a sorted list. */
const TimelockedIndex = wrapper('BTreeSet', vec(SubnetAndAccount), [{ name: 'T', type: SubnetAndAccount.type }]);

export const commitments = {
  /** Whose commitments have something to open. */
  timelockedIndex: value('TimelockedIndex', TimelockedIndex, []),
  commitmentOf: optionalMap('CommitmentOf', perHotkey, Registration),
  lastCommitment: optionalMap('LastCommitment', perHotkey, u32),
  lastBondsReset: optionalMap('LastBondsReset', perHotkey, u32),
  revealedCommitments: optionalMap('RevealedCommitments', perHotkey, vec(tuple(bytes, u64))),
  usedSpaceOf: optionalMap(
    'UsedSpaceOf',
    perHotkey,
    struct('pallet_commitments::types::UsageTracker', { last_epoch: u64, used_space: u64 }),
  ),
  /** Bytes that one hotkey may commit in one epoch. */
  maxSpace: value('MaxSpace', u32, 3100),
};

export const commitmentsCalls = {
  setCommitment: call(0, 'set_commitment', { netuid: u16, info: CommitmentInfo }),
  setMaxSpace: call(2, 'set_max_space', { new_limit: u32 }),
};

export const commitmentsEvents = {
  commitment: event(0, 'Commitment', { netuid: u16, who: AccountId32 }),
  timelockCommitment: event(1, 'TimelockCommitment', { netuid: u16, who: AccountId32, reveal_round: u64 }),
  commitmentRevealed: event(2, 'CommitmentRevealed', { netuid: u16, who: AccountId32 }),
};

export const commitmentsErrors = errors(
  'TooManyFieldsInCommitmentInfo',
  'AccountNotAllowedCommit',
  'SpaceLimitExceeded',
  'UnexpectedUnreserveLeftover',
);

export const commitmentsPallet = pallet({
  storage: commitments,
  calls: commitmentsCalls,
  events: commitmentsEvents,
  errors: commitmentsErrors,
  constants: [
    constant('MaxFields', u32, MAX_FIELDS),
    constant('InitialDeposit', u64, 0n),
    constant('FieldDeposit', u64, 0n),
  ],
});
