import type { Codec } from '../../scale/codec.ts';
import { bytes, option, struct, tuple, vec, wrapper } from '../../scale/composite.ts';
import { AccountId32, DispatchClass, FixedU128, Weight } from '../../scale/known.ts';
import { u8, u16, u32, u64 } from '../../scale/primitive.ts';
import { RuntimeVersion } from '../pallets/system.ts';
import { declareApi } from '../runtime-api.ts';
import { DelegateInfo, Delegation } from './delegate-info.ts';
import { DynamicInfo } from './dynamic-info.ts';
import { HyperparamEntry } from './hyperparam-entry.ts';
import { Metagraph } from './metagraph.ts';
import { NeuronInfo, NeuronInfoLite } from './neuron-info.ts';
import { SelectiveMetagraph } from './selective-metagraph.ts';
import { LockState, StakeInfo } from './stake-info.ts';
import { SubnetHyperparams, SubnetHyperparamsV2, SubnetInfo, SubnetInfoV2, SubnetState } from './subnet-info.ts';
import { SimSwapResult, SubnetPrice } from './swap.ts';

const core = declareApi('Core');
const metadata = declareApi('Metadata');
const nonce = declareApi('AccountNonceApi');
const payment = declareApi('TransactionPaymentApi');
const callPayment = declareApi('TransactionPaymentCallApi');
const delegate = declareApi('DelegateInfoRuntimeApi');
const neuron = declareApi('NeuronInfoRuntimeApi');
const subnet = declareApi('SubnetInfoRuntimeApi');
const stake = declareApi('StakeInfoRuntimeApi');
const registration = declareApi('SubnetRegistrationRuntimeApi');
const swap = declareApi('SwapRuntimeApi');

const OpaqueMetadata = wrapper('sp_core::OpaqueMetadata', bytes);
export const RuntimeDispatchInfo = struct('pallet_transaction_payment::types::RuntimeDispatchInfo', {
  weight: Weight,
  class: DispatchClass,
  partial_fee: u64,
});
export const FeeDetails = struct('pallet_transaction_payment::types::FeeDetails', {
  inclusion_fee: option(
    struct('pallet_transaction_payment::types::InclusionFee', {
      base_fee: u64,
      len_fee: u64,
      adjusted_weight_fee: u64,
    }),
  ),
  tip: u64,
});

const netuid = { netuid: u16 };
const neuronOf = { netuid: u16, uid: u16 };
const indexes = { metagraph_indexes: vec(u16) };
const place = option(tuple(AccountId32, u16));

const neuronMethods = {
  neurons: neuron('get_neurons', netuid, vec(NeuronInfo)),
  neuron: neuron('get_neuron', neuronOf, option(NeuronInfo)),
  neuronsLite: neuron('get_neurons_lite', netuid, vec(NeuronInfoLite)),
  neuronLite: neuron('get_neuron_lite', neuronOf, option(NeuronInfoLite)),
};

const subnetMethods = {
  subnetInfo: subnet('get_subnet_info', netuid, option(SubnetInfo)),
  subnetsInfo: subnet('get_subnets_info', {}, vec(option(SubnetInfo))),
  subnetInfoV2: subnet('get_subnet_info_v2', netuid, option(SubnetInfoV2)),
  subnetsInfoV2: subnet('get_subnets_info_v2', {}, vec(option(SubnetInfoV2))),
  hyperparams: subnet('get_subnet_hyperparams', netuid, option(SubnetHyperparams)),
  hyperparamsV2: subnet('get_subnet_hyperparams_v2', netuid, option(SubnetHyperparamsV2)),
  hyperparamsV3: subnet('get_subnet_hyperparams_v3', netuid, option(vec(HyperparamEntry))),
  dynamicInfo: subnet('get_dynamic_info', netuid, option(DynamicInfo)),
  allDynamicInfo: subnet('get_all_dynamic_info', {}, vec(option(DynamicInfo))),
  metagraph: subnet('get_metagraph', netuid, option(Metagraph)),
  allMetagraphs: subnet('get_all_metagraphs', {}, vec(option(Metagraph))),
  mechagraph: subnet('get_mechagraph', { netuid: u16, mecid: u8 }, option(Metagraph)),
  allMechagraphs: subnet('get_all_mechagraphs', {}, vec(option(Metagraph))),
  selectiveMetagraph: subnet('get_selective_metagraph', { netuid: u16, ...indexes }, option(SelectiveMetagraph)),
  selectiveMechagraph: subnet(
    'get_selective_mechagraph',
    { netuid: u16, subid: u8, ...indexes },
    option(SelectiveMetagraph),
  ),
  subnetState: subnet('get_subnet_state', netuid, option(SubnetState)),
  nextEpochStartBlock: subnet('get_next_epoch_start_block', netuid, option(u64)),
  autoStakeHotkey: subnet('get_coldkey_auto_stake_hotkey', { coldkey: AccountId32, netuid: u16 }, option(AccountId32)),
  subnetToPrune: subnet('get_subnet_to_prune', {}, option(u16)),
  subnetAccountId: subnet('get_subnet_account_id', netuid, option(AccountId32)),
};

const stakeMethods = {
  stakesOfColdkey: stake('get_stake_info_for_coldkey', { coldkey_account: AccountId32 }, vec(StakeInfo)),
  stakesOfColdkeys: stake(
    'get_stake_info_for_coldkeys',
    { coldkey_accounts: vec(AccountId32) },
    vec(tuple(AccountId32, vec(StakeInfo))),
  ),
  stake: stake(
    'get_stake_info_for_hotkey_coldkey_netuid',
    { hotkey_account: AccountId32, coldkey_account: AccountId32, netuid: u16 },
    option(StakeInfo),
  ),
  stakeFee: stake(
    'get_stake_fee',
    {
      origin: place,
      origin_coldkey_account: AccountId32,
      destination: place,
      destination_coldkey_account: AccountId32,
      amount: u64,
    },
    u64,
  ),
  coldkeyLock: stake('get_coldkey_lock', { coldkey: AccountId32, netuid: u16 }, option(LockState)),
  hotkeyConviction: stake('get_hotkey_conviction', { hotkey: AccountId32, netuid: u16 }, FixedU128),
  mostConvicted: stake('get_most_convicted_hotkey_on_subnet', netuid, option(AccountId32)),
  delegates: delegate('get_delegates', {}, vec(DelegateInfo)),
  delegate: delegate('get_delegate', { delegate_account: AccountId32 }, option(DelegateInfo)),
  delegated: delegate('get_delegated', { delegatee_account: AccountId32 }, vec(Delegation)),
};

const marketMethods = {
  registrationCost: registration('get_network_registration_cost', {}, u64),
  alphaPrice: swap('current_alpha_price', netuid, u64),
  alphaPrices: swap('current_alpha_price_all', {}, vec(SubnetPrice)),
  buyAlpha: swap('sim_swap_tao_for_alpha', { netuid: u16, tao: u64 }, SimSwapResult),
  sellAlpha: swap('sim_swap_alpha_for_tao', { netuid: u16, alpha: u64 }, SimSwapResult),
};

/** All methods that `state_call` answers. The values of extrinsics and calls are bytes, without a length in front. */
export function runtimeMethods(extrinsic: Codec<Uint8Array>, call: Codec<Uint8Array>) {
  return {
    version: core('version', {}, RuntimeVersion),
    metadata: metadata('metadata', {}, OpaqueMetadata),
    metadataAtVersion: metadata('metadata_at_version', { version: u32 }, option(OpaqueMetadata)),
    metadataVersions: metadata('metadata_versions', {}, vec(u32)),
    accountNonce: nonce('account_nonce', { account: AccountId32 }, u32),
    queryInfo: payment('query_info', { uxt: extrinsic, len: u32 }, RuntimeDispatchInfo),
    queryFeeDetails: payment('query_fee_details', { uxt: extrinsic, len: u32 }, FeeDetails),
    weightToFee: payment('query_weight_to_fee', { weight: Weight }, u64),
    lengthToFee: payment('query_length_to_fee', { length: u32 }, u64),
    queryCallInfo: callPayment('query_call_info', { call, len: u32 }, RuntimeDispatchInfo),
    queryCallFeeDetails: callPayment('query_call_fee_details', { call, len: u32 }, FeeDetails),
    callWeightToFee: callPayment('query_weight_to_fee', { weight: Weight }, u64),
    callLengthToFee: callPayment('query_length_to_fee', { length: u32 }, u64),
    ...neuronMethods,
    ...subnetMethods,
    ...stakeMethods,
    ...marketMethods,
  };
}
