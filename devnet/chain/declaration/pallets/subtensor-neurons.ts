import { boundedBytes, tuple, vec } from '../../scale/composite.ts';
import { AccountId32, H160, H256, ZERO_ACCOUNT } from '../../scale/known.ts';
import { bool, u16, u64 } from '../../scale/primitive.ts';
import { blake2, identity, storageOf, twox } from '../storage.ts';
import {
  AxonInfo,
  ChainIdentityV2,
  NeuronCertificate,
  PrometheusInfo,
  SafeFloat,
  SubnetIdentityV3,
} from './subtensor-types.ts';

const { map, optionalMap } = storageOf('SubtensorModule');

const NO_SHARES = { mantissa: 0n, exponent: 0n };

/** Who is registered where, and what its vectors say. Vectors are indexed by uid. */
export const neurons = {
  uids: optionalMap('Uids', [identity(u16), blake2(AccountId32)], u16),
  keys: map('Keys', [identity(u16), identity(u16)], AccountId32, ZERO_ACCOUNT),
  isNetworkMember: map('IsNetworkMember', [blake2(AccountId32), identity(u16)], bool, false),
  blockAtRegistration: map('BlockAtRegistration', [identity(u16), identity(u16)], u64, 0n),
  owner: map('Owner', [blake2(AccountId32)], AccountId32, ZERO_ACCOUNT),
  ownedHotkeys: map('OwnedHotkeys', [blake2(AccountId32)], vec(AccountId32), []),
  stakingHotkeys: map('StakingHotkeys', [blake2(AccountId32)], vec(AccountId32), []),
  totalHotkeyAlpha: map('TotalHotkeyAlpha', [blake2(AccountId32), identity(u16)], u64, 0n),
  totalHotkeySharesV2: map('TotalHotkeySharesV2', [blake2(AccountId32), identity(u16)], SafeFloat, NO_SHARES),
  alphaV2: map('AlphaV2', [blake2(AccountId32), blake2(AccountId32), identity(u16)], SafeFloat, NO_SHARES),
  childKeys: map('ChildKeys', [blake2(AccountId32), identity(u16)], vec(tuple(u64, AccountId32)), []),
  parentKeys: map('ParentKeys', [blake2(AccountId32), identity(u16)], vec(tuple(u64, AccountId32)), []),
  delegates: map('Delegates', [blake2(AccountId32)], u16, 11796),
  active: map('Active', [identity(u16)], vec(bool), []),
  consensus: map('Consensus', [identity(u16)], vec(u16), []),
  incentive: map('Incentive', [identity(u16)], vec(u16), []),
  dividends: map('Dividends', [identity(u16)], vec(u16), []),
  emission: map('Emission', [identity(u16)], vec(u64), []),
  lastUpdate: map('LastUpdate', [identity(u16)], vec(u64), []),
  validatorTrust: map('ValidatorTrust', [identity(u16)], vec(u16), []),
  validatorPermit: map('ValidatorPermit', [identity(u16)], vec(bool), []),
  stakeWeight: map('StakeWeight', [identity(u16)], vec(u16), []),
  weights: map('Weights', [identity(u16), identity(u16)], vec(tuple(u16, u16)), []),
  bonds: map('Bonds', [identity(u16), identity(u16)], vec(tuple(u16, u16)), []),
  axons: optionalMap('Axons', [identity(u16), blake2(AccountId32)], AxonInfo),
  prometheus: optionalMap('Prometheus', [identity(u16), blake2(AccountId32)], PrometheusInfo),
  neuronCertificates: optionalMap('NeuronCertificates', [identity(u16), blake2(AccountId32)], NeuronCertificate),
  identitiesV2: optionalMap('IdentitiesV2', [blake2(AccountId32)], ChainIdentityV2),
  subnetIdentitiesV3: optionalMap('SubnetIdentitiesV3', [blake2(u16)], SubnetIdentityV3),
  associatedEvmAddress: optionalMap('AssociatedEvmAddress', [twox(u16), twox(u16)], tuple(H160, u64)),
  weightCommits: optionalMap('WeightCommits', [twox(u16), twox(AccountId32)], vec(tuple(H256, u64, u64, u64))),
  timelockedWeightCommits: map(
    'TimelockedWeightCommits',
    [twox(u16), twox(u64)],
    vec(tuple(AccountId32, u64, boundedBytes(5000), u64)),
    [],
  ),
};
