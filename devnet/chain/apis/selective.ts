import type { Hex } from '../../../domain/units.ts';
import { metagraphFields } from '../declaration/apis/metagraph.ts';
import type { SelectiveMetagraph } from '../declaration/apis/selective-metagraph.ts';
import { commitments, Registration } from '../declaration/pallets/commitments.ts';
import { encode, type ValueOf } from '../scale/codec.ts';
import type { StateReader } from '../state/state.ts';
import { type MetagraphValue, mechagraphOf } from './metagraph.ts';

type Selective = ValueOf<typeof SelectiveMetagraph>;
type Field = keyof MetagraphValue;

/** Fields of the metagraph are numbered in order; these two come after them. */
const VALIDATORS = 72;
const COMMITMENTS = 73;

/** The asked fields of a metagraph; those not asked for are None. The netuid is always there. */
export function selectiveMetagraphOf(
  state: StateReader,
  netuid: number,
  mecid: number,
  indexes: readonly number[],
): Selective | null {
  const whole = mechagraphOf(state, netuid, mecid);
  if (whole === null) return null;
  const asked = new Set(indexes);
  const names = new Set(Object.keys(metagraphFields).filter((_, index) => asked.has(index)));
  const some = <K extends Field>(name: K): MetagraphValue[K] | null => (names.has(name) ? whole[name] : null);
  return {
    netuid: whole.netuid,
    name: some('name'),
    symbol: some('symbol'),
    identity: some('identity'),
    network_registered_at: some('network_registered_at'),
    owner_hotkey: some('owner_hotkey'),
    owner_coldkey: some('owner_coldkey'),
    block: some('block'),
    tempo: some('tempo'),
    last_step: some('last_step'),
    blocks_since_last_step: some('blocks_since_last_step'),
    subnet_emission: some('subnet_emission'),
    alpha_in: some('alpha_in'),
    alpha_out: some('alpha_out'),
    tao_in: some('tao_in'),
    alpha_out_emission: some('alpha_out_emission'),
    alpha_in_emission: some('alpha_in_emission'),
    tao_in_emission: some('tao_in_emission'),
    pending_alpha_emission: some('pending_alpha_emission'),
    pending_root_emission: some('pending_root_emission'),
    subnet_volume: some('subnet_volume'),
    moving_price: some('moving_price'),
    rho: some('rho'),
    kappa: some('kappa'),
    min_allowed_weights: some('min_allowed_weights'),
    max_weights_limit: some('max_weights_limit'),
    weights_version: some('weights_version'),
    weights_rate_limit: some('weights_rate_limit'),
    activity_cutoff: some('activity_cutoff'),
    max_validators: some('max_validators'),
    num_uids: some('num_uids'),
    max_uids: some('max_uids'),
    burn: some('burn'),
    difficulty: some('difficulty'),
    registration_allowed: some('registration_allowed'),
    pow_registration_allowed: some('pow_registration_allowed'),
    immunity_period: some('immunity_period'),
    min_difficulty: some('min_difficulty'),
    max_difficulty: some('max_difficulty'),
    min_burn: some('min_burn'),
    max_burn: some('max_burn'),
    adjustment_alpha: some('adjustment_alpha'),
    adjustment_interval: some('adjustment_interval'),
    target_regs_per_interval: some('target_regs_per_interval'),
    max_regs_per_block: some('max_regs_per_block'),
    serving_rate_limit: some('serving_rate_limit'),
    commit_reveal_weights_enabled: some('commit_reveal_weights_enabled'),
    commit_reveal_period: some('commit_reveal_period'),
    liquid_alpha_enabled: some('liquid_alpha_enabled'),
    alpha_high: some('alpha_high'),
    alpha_low: some('alpha_low'),
    bonds_moving_avg: some('bonds_moving_avg'),
    hotkeys: some('hotkeys'),
    coldkeys: some('coldkeys'),
    identities: some('identities'),
    axons: some('axons'),
    active: some('active'),
    validator_permit: some('validator_permit'),
    pruning_score: some('pruning_score'),
    last_update: some('last_update'),
    emission: some('emission'),
    dividends: some('dividends'),
    incentives: some('incentives'),
    consensus: some('consensus'),
    trust: some('trust'),
    rank: some('rank'),
    block_at_registration: some('block_at_registration'),
    alpha_stake: some('alpha_stake'),
    tao_stake: some('tao_stake'),
    total_stake: some('total_stake'),
    tao_dividends_per_hotkey: some('tao_dividends_per_hotkey'),
    alpha_dividends_per_hotkey: some('alpha_dividends_per_hotkey'),
    validators: asked.has(VALIDATORS) ? whole.validator_permit.flatMap((permit, uid) => (permit ? [uid] : [])) : null,
    commitments: asked.has(COMMITMENTS) ? commitmentsOf(state, netuid, whole.hotkeys) : null,
  };
}

function commitmentsOf(state: StateReader, netuid: number, hotkeys: readonly Hex[]) {
  return hotkeys.flatMap((hotkey) => {
    const found = state.get(commitments.commitmentOf, netuid, hotkey);
    return found === null ? [] : [[hotkey, [...encode(Registration, found)]] as const];
  });
}
