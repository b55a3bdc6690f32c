import type { Hex } from '../../../domain/units.ts';
import type { NeuronInfo } from '../declaration/apis/neuron-info.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import type { AxonInfo } from '../declaration/pallets/subtensor-types.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { hotkeysOf } from '../runtime/epoch.ts';
import type { ValueOf } from '../scale/codec.ts';
import type { StateReader } from '../state/state.ts';
import type { Register } from './register.ts';

const NO_AXON: ValueOf<typeof AxonInfo> = {
  block: 0n,
  version: 0,
  ip: 0n,
  port: 0,
  ip_type: 0,
  protocol: 0,
  placeholder1: 0,
  placeholder2: 0,
};
const NO_PROMETHEUS = { block: 0n, version: 0, ip: 0n, port: 0, ip_type: 0 };

/** Runtime APIs give an all-zero endpoint where none was served. */
export const axonOf = (state: StateReader, netuid: number, hotkey: Hex): ValueOf<typeof AxonInfo> =>
  state.get(neurons.axons, netuid, hotkey) ?? NO_AXON;

export const padded = <T>(values: readonly T[], length: number, missing: T): T[] =>
  Array.from({ length }, (_, index) => values[index] ?? missing);

/** All neurons in the order of their uids. The lite form is the same without weights and bonds. */
export function neuronInfos(state: StateReader, netuid: number): ValueOf<typeof NeuronInfo>[] {
  const [active, permits] = [state.get(neurons.active, netuid), state.get(neurons.validatorPermit, netuid)];
  const [incentive, consensus] = [state.get(neurons.incentive, netuid), state.get(neurons.consensus, netuid)];
  const [trust, dividends] = [state.get(neurons.validatorTrust, netuid), state.get(neurons.dividends, netuid)];
  const [emission, lastUpdate] = [state.get(neurons.emission, netuid), state.get(neurons.lastUpdate, netuid)];
  return hotkeysOf(state, netuid).map((hotkey, uid) => {
    const coldkey = state.get(neurons.owner, hotkey);
    return {
      hotkey,
      coldkey,
      uid,
      netuid,
      active: active[uid] ?? false,
      axon_info: axonOf(state, netuid, hotkey),
      prometheus_info: state.get(neurons.prometheus, netuid, hotkey) ?? NO_PROMETHEUS,
      // As on the real chain: the hotkey's total alpha, under its owner.
      stake: [[coldkey, state.get(neurons.totalHotkeyAlpha, hotkey, netuid)] as const],
      rank: 0,
      emission: emission[uid] ?? 0n,
      incentive: incentive[uid] ?? 0,
      consensus: consensus[uid] ?? 0,
      trust: 0,
      validator_trust: trust[uid] ?? 0,
      dividends: dividends[uid] ?? 0,
      last_update: lastUpdate[uid] ?? 0n,
      validator_permit: permits[uid] ?? false,
      weights: state.get(neurons.weights, netuid, uid),
      bonds: state.get(neurons.bonds, netuid, uid),
      pruning_score: 0,
    };
  });
}

export function answerNeurons(methods: RuntimeDeclaration['methods'], answer: Register): void {
  answer(methods.neurons, ({ netuid }, state) => neuronInfos(state, netuid));
  answer(methods.neuronsLite, ({ netuid }, state) => neuronInfos(state, netuid));
  answer(methods.neuron, ({ netuid, uid }, state) => neuronInfos(state, netuid)[uid] ?? null);
  answer(methods.neuronLite, ({ netuid, uid }, state) => neuronInfos(state, netuid)[uid] ?? null);
}
