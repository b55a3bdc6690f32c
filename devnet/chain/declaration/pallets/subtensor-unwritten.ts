import { tuple, vec } from '../../scale/composite.ts';
import { AccountId32, FixedI128 } from '../../scale/known.ts';
import { bool, u16, u32, u64, u128 } from '../../scale/primitive.ts';
import { LockState } from '../apis/stake-info.ts';
import { blake2, identity, storageOf } from '../storage.ts';

const { value, map, optionalMap } = storageOf('SubtensorModule');

/** What clients look up and nothing on this chain writes: they read the defaults, where without it they would fail. */
export const unwritten = {
  subnetEmaTaoFlow: optionalMap('SubnetEmaTaoFlow', [identity(u16)], tuple(u64, FixedI128)),
  autoStakeDestination: optionalMap('AutoStakeDestination', [blake2(AccountId32), identity(u16)], AccountId32),
  pendingChildKeys: map(
    'PendingChildKeys',
    [identity(u16), blake2(AccountId32)],
    tuple(vec(tuple(u64, AccountId32)), u64),
    [[], 0n],
  ),
  coldkeySwapAnnouncementDelay: value('ColdkeySwapAnnouncementDelay', u32, 36_000),
  coldkeySwapReannouncementDelay: value('ColdkeySwapReannouncementDelay', u32, 7_200),
  nominatorMinRequiredStake: value('NominatorMinRequiredStake', u64, 0n),
  rootAlphaDividendsPerSubnet: map('RootAlphaDividendsPerSubnet', [identity(u16), blake2(AccountId32)], u64, 0n),
  rootClaimed: map('RootClaimed', [identity(u16), blake2(AccountId32), blake2(AccountId32)], u128, 0n),
  lock: optionalMap('Lock', [blake2(AccountId32), identity(u16), blake2(AccountId32)], LockState),
  decayingLock: optionalMap('DecayingLock', [blake2(AccountId32), identity(u16)], bool),
  hotkeyLock: optionalMap('HotkeyLock', [identity(u16), blake2(AccountId32)], LockState),
  subnetEmissionEnabled: map('SubnetEmissionEnabled', [identity(u16)], bool, true),
  accountFlags: map('AccountFlags', [blake2(AccountId32)], u128, 0n),
  rootClaimableThreshold: map('RootClaimableThreshold', [blake2(u16)], FixedI128, { bits: 500_000n << 32n }),
  startCallDelay: value('StartCallDelay', u64, 0n),
};
