import { boundedBytes, bytes, tuple, vec } from '../../scale/composite.ts';
import { AccountId32, H256 } from '../../scale/known.ts';
import { compact, compactLarge, u8, u16, u32, u64, u128 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';

const { call } = declarePallet('SubtensorModule', 7);

const weights = { dests: vec(u16), weights: vec(u16), version_key: u64 };
const reveal = { uids: vec(u16), values: vec(u16), salt: vec(u16), version_key: u64 };
const endpoint = { netuid: u16, version: u32, ip: u128, port: u16, ip_type: u8 };
const axon = { ...endpoint, protocol: u8, placeholder1: u8, placeholder2: u8 };

/** The longest timelocked commit that the chain takes. */
const sealed = boundedBytes(5000);

export const subtensorCalls = {
  setWeights: call(0, 'set_weights', { netuid: u16, ...weights }),
  serveAxon: call(4, 'serve_axon', axon),
  servePrometheus: call(5, 'serve_prometheus', endpoint),
  burnedRegister: call(7, 'burned_register', { netuid: u16, hotkey: AccountId32 }),
  serveAxonTls: call(40, 'serve_axon_tls', { ...axon, certificate: bytes }),
  batchSetWeights: call(80, 'batch_set_weights', {
    netuids: vec(compact(u16)),
    weights: vec(vec(tuple(compact(u16), compact(u16)))),
    version_keys: vec(compactLarge(u64)),
  }),
  commitWeights: call(96, 'commit_weights', { netuid: u16, commit_hash: H256 }),
  revealWeights: call(97, 'reveal_weights', { netuid: u16, ...reveal }),
  batchRevealWeights: call(98, 'batch_reveal_weights', {
    netuid: u16,
    uids_list: vec(vec(u16)),
    values_list: vec(vec(u16)),
    salts_list: vec(vec(u16)),
    version_keys: vec(u64),
  }),
  batchCommitWeights: call(100, 'batch_commit_weights', { netuids: vec(compact(u16)), commit_hashes: vec(H256) }),
  commitTimelockedWeights: call(113, 'commit_timelocked_weights', {
    netuid: u16,
    commit: sealed,
    reveal_round: u64,
    commit_reveal_version: u16,
  }),
  commitMechanismWeights: call(115, 'commit_mechanism_weights', { netuid: u16, mecid: u8, commit_hash: H256 }),
  revealMechanismWeights: call(116, 'reveal_mechanism_weights', { netuid: u16, mecid: u8, ...reveal }),
  commitCrv3MechanismWeights: call(117, 'commit_crv3_mechanism_weights', {
    netuid: u16,
    mecid: u8,
    commit: sealed,
    reveal_round: u64,
  }),
  commitTimelockedMechanismWeights: call(118, 'commit_timelocked_mechanism_weights', {
    netuid: u16,
    mecid: u8,
    commit: sealed,
    reveal_round: u64,
    commit_reveal_version: u16,
  }),
  setMechanismWeights: call(119, 'set_mechanism_weights', { netuid: u16, mecid: u8, ...weights }),
  registerLimit: call(134, 'register_limit', { netuid: u16, hotkey: AccountId32, limit_price: u64 }),
};
