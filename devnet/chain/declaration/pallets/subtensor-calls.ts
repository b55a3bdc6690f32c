import { boundedBytes, bytes, fixedBytes, option, tuple, vec } from '../../scale/composite.ts';
import { AccountId32, H160, H256 } from '../../scale/known.ts';
import { bool, compact, compactLarge, u8, u16, u32, u64, u128 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';

const { call } = declarePallet('SubtensorModule', 7);

const weights = { dests: vec(u16), weights: vec(u16), version_key: u64 };
const reveal = { uids: vec(u16), values: vec(u16), salt: vec(u16), version_key: u64 };
const endpoint = { netuid: u16, version: u32, ip: u128, port: u16, ip_type: u8 };
const axon = { ...endpoint, protocol: u8, placeholder1: u8, placeholder2: u8 };

const swap = { hotkey: AccountId32, origin_netuid: u16, destination_netuid: u16, alpha_amount: u64 };
/** Rao for one alpha. */
const limit = { limit_price: u64, allow_partial: bool };

/** The longest timelocked commit that the chain takes. */
const sealed = boundedBytes(5000);

export const subtensorCalls = {
  setWeights: call(0, 'set_weights', { netuid: u16, ...weights }),
  addStake: call(2, 'add_stake', { hotkey: AccountId32, netuid: u16, amount_staked: u64 }),
  removeStake: call(3, 'remove_stake', { hotkey: AccountId32, netuid: u16, amount_unstaked: u64 }),
  serveAxon: call(4, 'serve_axon', axon),
  servePrometheus: call(5, 'serve_prometheus', endpoint),
  burnedRegister: call(7, 'burned_register', { netuid: u16, hotkey: AccountId32 }),
  serveAxonTls: call(40, 'serve_axon_tls', { ...axon, certificate: bytes }),
  registerNetwork: call(59, 'register_network', { hotkey: AccountId32 }),
  decreaseTake: call(65, 'decrease_take', { hotkey: AccountId32, take: u16 }),
  increaseTake: call(66, 'increase_take', { hotkey: AccountId32, take: u16 }),
  batchSetWeights: call(80, 'batch_set_weights', {
    netuids: vec(compact(u16)),
    weights: vec(vec(tuple(compact(u16), compact(u16)))),
    version_keys: vec(compactLarge(u64)),
  }),
  unstakeAll: call(83, 'unstake_all', { hotkey: AccountId32 }),
  unstakeAllAlpha: call(84, 'unstake_all_alpha', { hotkey: AccountId32 }),
  moveStake: call(85, 'move_stake', {
    origin_hotkey: AccountId32,
    destination_hotkey: AccountId32,
    origin_netuid: u16,
    destination_netuid: u16,
    alpha_amount: u64,
  }),
  transferStake: call(86, 'transfer_stake', { destination_coldkey: AccountId32, ...swap }),
  swapStake: call(87, 'swap_stake', swap),
  addStakeLimit: call(88, 'add_stake_limit', {
    hotkey: AccountId32,
    netuid: u16,
    amount_staked: u64,
    ...limit,
  }),
  removeStakeLimit: call(89, 'remove_stake_limit', {
    hotkey: AccountId32,
    netuid: u16,
    amount_unstaked: u64,
    ...limit,
  }),
  swapStakeLimit: call(90, 'swap_stake_limit', { ...swap, ...limit }),
  tryAssociateHotkey: call(91, 'try_associate_hotkey', { hotkey: AccountId32 }),
  startCall: call(92, 'start_call', { netuid: u16 }),
  associateEvmKey: call(93, 'associate_evm_key', {
    netuid: u16,
    evm_key: H160,
    block_number: u64,
    signature: fixedBytes(65),
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
  removeStakeFullLimit: call(103, 'remove_stake_full_limit', {
    hotkey: AccountId32,
    netuid: u16,
    limit_price: option(u64),
  }),
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
  announceColdkeySwap: call(125, 'announce_coldkey_swap', { new_coldkey_hash: H256 }),
  disputeColdkeySwap: call(127, 'dispute_coldkey_swap', {}),
  registerLimit: call(134, 'register_limit', { netuid: u16, hotkey: AccountId32, limit_price: u64 }),
  setTempo: call(139, 'set_tempo', { netuid: u16, tempo: u16 }),
  setActivityCutoffFactor: call(140, 'set_activity_cutoff_factor', { netuid: u16, factor_milli: u32 }),
  triggerEpoch: call(141, 'trigger_epoch', { netuid: u16 }),
};
