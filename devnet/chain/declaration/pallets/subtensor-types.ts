import type { Codec } from '../../scale/codec.ts';
import { boundedBytes, bytes, struct, variant } from '../../scale/composite.ts';
import { AccountId32 } from '../../scale/known.ts';
import { i64, u8, u16, u32, u64, u128 } from '../../scale/primitive.ts';

/** Structs in the storage of SubtensorModule. */
export const AxonInfo = struct('pallet_subtensor::pallet::AxonInfo', {
  block: u64,
  version: u32,
  ip: u128,
  port: u16,
  ip_type: u8,
  protocol: u8,
  placeholder1: u8,
  placeholder2: u8,
});

export const PrometheusInfo = struct('pallet_subtensor::pallet::PrometheusInfo', {
  block: u64,
  version: u32,
  ip: u128,
  port: u16,
  ip_type: u8,
});

export const NeuronCertificate = struct('pallet_subtensor::pallet::NeuronCertificate', {
  public_key: boundedBytes(64),
  algorithm: u8,
});

export const ChainIdentityV2 = struct('pallet_subtensor::pallet::ChainIdentityV2', {
  name: bytes,
  url: bytes,
  github_repo: bytes,
  image: bytes,
  discord: bytes,
  description: bytes,
  additional: bytes,
});

export const SubnetIdentityV3 = struct('pallet_subtensor::pallet::SubnetIdentityV3', {
  subnet_name: bytes,
  github_repo: bytes,
  subnet_contact: bytes,
  subnet_url: bytes,
  discord: bytes,
  description: bytes,
  logo_url: bytes,
  additional: bytes,
});

/** A decimal floating-point number: mantissa times ten to the exponent. */
export const SafeFloat = struct('share_pool::SafeFloat', { mantissa: u128, exponent: i64 });

/** What an owner may change; each has a rate limit of its own. In the order of their indexes. */
const HYPERPARAMETERS = [
  'Unknown',
  'ServingRateLimit',
  'MaxDifficulty',
  'AdjustmentAlpha',
  'MaxWeightLimit',
  'ImmunityPeriod',
  'MinAllowedWeights',
  'Kappa',
  'Rho',
  'ActivityCutoff',
  'PowRegistrationAllowed',
  'MinBurn',
  'MaxBurn',
  'BondsMovingAverage',
  'BondsPenalty',
  'CommitRevealEnabled',
  'LiquidAlphaEnabled',
  'AlphaValues',
  'WeightCommitInterval',
  'TransferEnabled',
  'AlphaSigmoidSteepness',
  'Yuma3Enabled',
  'BondsResetEnabled',
  'ImmuneNeuronLimit',
  'RecycleOrBurn',
  'MaxAllowedUids',
  'BurnHalfLife',
  'BurnIncreaseMult',
  'SubnetEmissionEnabled',
  'MinChildkeyTake',
  'ActivityCutoffFactorMilli',
  'TriggerEpoch',
] as const;
export type HyperparameterName = (typeof HYPERPARAMETERS)[number];

interface VariantValue {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const Hyperparameter: Codec<VariantValue> = variant(
  'pallet_subtensor::utils::rate_limiting::Hyperparameter',
  Object.fromEntries(HYPERPARAMETERS.map((name, index) => [name, [index, {}] as const])),
);

export const RateLimitKey = variant('pallet_subtensor::RateLimitKey', {
  SetSNOwnerHotkey: [0, { 0: u16 }],
  OwnerHyperparamUpdate: [1, { 0: u16, 1: Hyperparameter }],
  NetworkLastRegistered: [2, {}],
  LastTxBlock: [3, { 0: AccountId32 }],
  LastTxBlockChildKeyTake: [4, { 0: AccountId32 }],
  LastTxBlockDelegateTake: [5, { 0: AccountId32 }],
  AddStakeBurn: [6, { 0: u16 }],
});
