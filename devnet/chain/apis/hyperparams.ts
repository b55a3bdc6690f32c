import type { HyperparamEntry } from '../declaration/apis/hyperparam-entry.ts';
import type { SubnetHyperparams, SubnetHyperparamsV2 } from '../declaration/apis/subnet-info.ts';
import { hyperparameters as settings } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { ValueOf } from '../scale/codec.ts';
import type { StateReader } from '../state/state.ts';
import { settingsOf } from './metagraph.ts';

type Entry = ValueOf<typeof HyperparamEntry>;

/** The settings of a subnet, as one struct; null where there is no such subnet. */
export function hyperparamsOf(state: StateReader, netuid: number): ValueOf<typeof SubnetHyperparams> | null {
  if (!state.get(subnet.networksAdded, netuid)) return null;
  return { ...settingsOf(state, netuid), tempo: state.get(settings.tempo, netuid) };
}

export function hyperparamsV2Of(state: StateReader, netuid: number): ValueOf<typeof SubnetHyperparamsV2> | null {
  const values = hyperparamsOf(state, netuid);
  if (values === null) return null;
  return {
    ...values,
    // Thousandths in storage, a fixed-point number of 32 fractional bits here.
    alpha_sigmoid_steepness: { bits: (BigInt(state.get(settings.alphaSigmoidSteepness, netuid)) << 32n) / 1000n },
    yuma_version: state.get(settings.yuma3On, netuid) ? 3 : 2,
    subnet_is_active: state.get(subnet.firstEmissionBlockNumber, netuid) !== null,
    transfers_enabled: state.get(settings.transferToggle, netuid),
    bonds_reset_enabled: state.get(settings.bondsResetOn, netuid),
    user_liquidity_enabled: false,
  };
}

const BALANCES = new Set(['min_burn', 'max_burn']);

/** The same settings by name, as `get_subnet_hyperparams_v3` lists them. */
export function hyperparamEntries(state: StateReader, netuid: number): Entry[] | null {
  const values = hyperparamsOf(state, netuid);
  if (values === null) return null;
  const { max_validators, num_uids, max_uids, burn, pow_registration_allowed, ...rest } = settingsOf(state, netuid);
  const listed = { ...rest, tempo: values.tempo, max_validators };
  return Object.entries(listed).map(([name, value]) => ({
    name: new TextEncoder().encode(name),
    value: typed(name, value),
  }));
}

function typed(name: string, value: boolean | number | bigint): Entry['value'] {
  if (typeof value === 'boolean') return { kind: 'Bool', value: { 0: value } };
  if (typeof value === 'number') return { kind: 'U16', value: { 0: value } };
  return { kind: BALANCES.has(name) ? 'TaoBalance' : 'U64', value: { 0: value } };
}
