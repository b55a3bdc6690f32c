import type { Codec } from '../../scale/codec.ts';
import { bytes, option, struct, vec, wrapper } from '../../scale/composite.ts';
import { AccountId32, DispatchClass, Weight } from '../../scale/known.ts';
import { u8, u16, u32, u64 } from '../../scale/primitive.ts';
import { RuntimeVersion } from '../pallets/system.ts';
import { declareApi } from '../runtime-api.ts';
import { HyperparamEntry } from './hyperparam-entry.ts';
import { Metagraph } from './metagraph.ts';
import { NeuronInfo, NeuronInfoLite } from './neuron-info.ts';
import { SelectiveMetagraph } from './selective-metagraph.ts';
import { SubnetHyperparams, SubnetState } from './subnet-info.ts';

const core = declareApi('Core');
const metadata = declareApi('Metadata');
const nonce = declareApi('AccountNonceApi');
const payment = declareApi('TransactionPaymentApi');
const neuron = declareApi('NeuronInfoRuntimeApi');
const subnet = declareApi('SubnetInfoRuntimeApi');

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

/** All methods that `state_call` answers. An extrinsic's value is its bytes without the length in front. */
export function runtimeMethods(extrinsic: Codec<Uint8Array>) {
  return {
    version: core('version', {}, RuntimeVersion),
    metadata: metadata('metadata', {}, OpaqueMetadata),
    metadataAtVersion: metadata('metadata_at_version', { version: u32 }, option(OpaqueMetadata)),
    metadataVersions: metadata('metadata_versions', {}, vec(u32)),
    accountNonce: nonce('account_nonce', { account: AccountId32 }, u32),
    queryInfo: payment('query_info', { uxt: extrinsic, len: u32 }, RuntimeDispatchInfo),
    queryFeeDetails: payment('query_fee_details', { uxt: extrinsic, len: u32 }, FeeDetails),
    neurons: neuron('get_neurons', { netuid: u16 }, vec(NeuronInfo)),
    neuron: neuron('get_neuron', { netuid: u16, uid: u16 }, option(NeuronInfo)),
    neuronsLite: neuron('get_neurons_lite', { netuid: u16 }, vec(NeuronInfoLite)),
    neuronLite: neuron('get_neuron_lite', { netuid: u16, uid: u16 }, option(NeuronInfoLite)),
    hyperparams: subnet('get_subnet_hyperparams', { netuid: u16 }, option(SubnetHyperparams)),
    metagraph: subnet('get_metagraph', { netuid: u16 }, option(Metagraph)),
    mechagraph: subnet('get_mechagraph', { netuid: u16, mecid: u8 }, option(Metagraph)),
    subnetState: subnet('get_subnet_state', { netuid: u16 }, option(SubnetState)),
    selectiveMetagraph: subnet(
      'get_selective_metagraph',
      { netuid: u16, metagraph_indexes: vec(u16) },
      option(SelectiveMetagraph),
    ),
    selectiveMechagraph: subnet(
      'get_selective_mechagraph',
      { netuid: u16, subid: u8, metagraph_indexes: vec(u16) },
      option(SelectiveMetagraph),
    ),
    nextEpochStartBlock: subnet('get_next_epoch_start_block', { netuid: u16 }, option(u64)),
    hyperparamsV3: subnet('get_subnet_hyperparams_v3', { netuid: u16 }, option(vec(HyperparamEntry))),
  };
}
