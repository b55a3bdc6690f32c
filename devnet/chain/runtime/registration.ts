import type { Hex } from '../../../domain/units.ts';
import { subtensorEvents } from '../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { StorageEntry } from '../declaration/storage.ts';
import type { State, StateReader } from '../state/state.ts';
import { mechanismsOf, storageIndex } from './weights/mechanism.ts';

type Vector<T> = StorageEntry<readonly [number], readonly T[]>;

export interface NewNeuron {
  readonly netuid: number;
  readonly hotkey: Hex;
  readonly coldkey: Hex;
  readonly uid: number;
  readonly block: number;
}

/** The uid that a new neuron would get: the next one, or that of the neuron to replace; null where none may go. */
export function slotFor(state: StateReader, netuid: number, block: number): number | null {
  const count = state.get(subnet.subnetworkN, netuid);
  if (count < state.get(hyperparameters.maxAllowedUids, netuid)) return count;
  const emission = state.get(neurons.emission, netuid);
  const immunity = BigInt(state.get(hyperparameters.immunityPeriod, netuid));
  const ownerHotkey = state.get(subnet.subnetOwnerHotkey, netuid);
  const candidates = Array.from({ length: count }, (_, uid) => ({
    uid,
    emission: emission[uid] ?? 0n,
    registeredAt: state.get(neurons.blockAtRegistration, netuid, uid),
    hotkey: state.get(neurons.keys, netuid, uid),
  })).filter(({ hotkey, registeredAt }) => hotkey !== ownerHotkey && BigInt(block) - registeredAt >= immunity);
  candidates.sort(
    (a, b) => compare(a.emission, b.emission) || compare(a.registeredAt, b.registeredAt) || a.uid - b.uid,
  );
  return candidates[0]?.uid ?? null;
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** Puts a neuron into its slot. LastUpdate starts at this block: its first weights must wait for the whole limit. */
export function register(state: State, { netuid, hotkey, coldkey, uid, block }: NewNeuron): void {
  const count = state.get(subnet.subnetworkN, netuid);
  if (uid < count) clear(state, netuid, uid, count);
  else state.set(subnet.subnetworkN, [netuid], uid + 1);

  state.set(neurons.keys, [netuid, uid], hotkey);
  state.set(neurons.uids, [netuid, hotkey], uid);
  state.set(neurons.isNetworkMember, [hotkey, netuid], true);
  state.set(neurons.blockAtRegistration, [netuid, uid], BigInt(block));
  if (state.read(neurons.owner.key(hotkey)) === null) {
    state.set(neurons.owner, [hotkey], coldkey);
    state.set(neurons.ownedHotkeys, [coldkey], [...state.get(neurons.ownedHotkeys, coldkey), hotkey]);
  }
  const put = <T>(vector: Vector<T>, value: T, index = netuid, padding = value) => {
    const list = [...state.get(vector, index)];
    // A mechanism that came later has no entries for those before.
    while (list.length < uid) list.push(padding);
    list[uid] = value;
    state.set(vector, [index], list);
  };
  for (const mechanism of mechanismsOf(state, netuid)) {
    put(neurons.lastUpdate, BigInt(block), storageIndex(mechanism), 0n);
    put(neurons.incentive, 0, storageIndex(mechanism));
  }
  put(neurons.active, true);
  put(neurons.validatorPermit, false);
  put(neurons.emission, 0n);
  for (const vector of [neurons.consensus, neurons.dividends, neurons.validatorTrust]) put(vector, 0);
  put(neurons.stakeWeight, 0);
  state.emit(subtensorEvents.neuronRegistered, { 0: netuid, 1: uid, 2: hotkey });
}

/** Takes the replaced neuron out: its uid entry, endpoints and weights, and what others gave to its uid. */
function clear(state: State, netuid: number, uid: number, count: number): void {
  const former = state.get(neurons.keys, netuid, uid);
  state.remove(neurons.uids, netuid, former);
  state.remove(neurons.isNetworkMember, former, netuid);
  state.remove(neurons.axons, netuid, former);
  state.remove(neurons.prometheus, netuid, former);
  state.remove(neurons.neuronCertificates, netuid, former);
  for (const mechanism of mechanismsOf(state, netuid)) clearWeights(state, storageIndex(mechanism), uid, count);
}

function clearWeights(state: State, index: number, uid: number, count: number): void {
  state.remove(neurons.weights, index, uid);
  state.remove(neurons.bonds, index, uid);
  for (let other = 0; other < count; other++) {
    const row = state.get(neurons.weights, index, other);
    if (!row.some(([dest, weight]) => dest === uid && weight > 0)) continue;
    state.set(
      neurons.weights,
      [index, other],
      row.map(([dest, weight]) => [dest, dest === uid ? 0 : weight] as const),
    );
  }
}
