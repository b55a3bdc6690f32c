import { u8aConcat, u8aToHex } from '@polkadot/util';
import type { Hex } from '../../../domain/units.ts';
import type { DynamicInfo } from '../declaration/apis/dynamic-info.ts';
import { hyperparameters as settings } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { nextEpochBlock } from '../runtime/epoch.ts';
import { encode, type ValueOf } from '../scale/codec.ts';
import { u16 } from '../scale/primitive.ts';
import type { StateReader } from '../state/state.ts';
import { hyperparamEntries, hyperparamsOf, hyperparamsV2Of } from './hyperparams.ts';
import { mechagraphOf, metagraphOf, vectorsOf } from './metagraph.ts';
import type { Register } from './register.ts';
import { selectiveMetagraphOf } from './selective.ts';

/** All netuids up to the highest; those without a subnet have null in lists. */
export const netuidsOf = (state: StateReader): number[] =>
  Array.from({ length: state.get(subnet.totalNetworks) }, (_, netuid) => netuid);

export function answerSubnets(methods: RuntimeDeclaration['methods'], answer: Register): void {
  answer(methods.subnetInfo, ({ netuid }, state) => subnetInfoOf(state, netuid));
  answer(methods.subnetsInfo, (_, state) => netuidsOf(state).map((netuid) => subnetInfoOf(state, netuid)));
  answer(methods.subnetInfoV2, ({ netuid }, state) => subnetInfoOf(state, netuid));
  answer(methods.subnetsInfoV2, (_, state) => netuidsOf(state).map((netuid) => subnetInfoOf(state, netuid)));
  answer(methods.hyperparams, ({ netuid }, state) => hyperparamsOf(state, netuid));
  answer(methods.hyperparamsV2, ({ netuid }, state) => hyperparamsV2Of(state, netuid));
  answer(methods.hyperparamsV3, ({ netuid }, state) => hyperparamEntries(state, netuid));
  answer(methods.dynamicInfo, ({ netuid }, state) => dynamicInfoOf(state, netuid));
  answer(methods.allDynamicInfo, (_, state) => netuidsOf(state).map((netuid) => dynamicInfoOf(state, netuid)));
  answer(methods.metagraph, ({ netuid }, state) => metagraphOf(state, netuid));
  answer(methods.allMetagraphs, (_, state) => netuidsOf(state).map((netuid) => metagraphOf(state, netuid)));
  answer(methods.mechagraph, ({ netuid, mecid }, state) => mechagraphOf(state, netuid, mecid));
  answer(methods.allMechagraphs, (_, state) =>
    netuidsOf(state).flatMap((netuid) =>
      Array.from({ length: state.get(settings.mechanismCountCurrent, netuid) }, (_each, mecid) =>
        mechagraphOf(state, netuid, mecid),
      ),
    ),
  );
  answer(methods.selectiveMetagraph, ({ netuid, metagraph_indexes: indexes }, state) =>
    selectiveMetagraphOf(state, netuid, 0, indexes),
  );
  answer(methods.selectiveMechagraph, ({ netuid, subid, metagraph_indexes: indexes }, state) =>
    selectiveMetagraphOf(state, netuid, subid, indexes),
  );
  answer(methods.subnetState, ({ netuid }, state) =>
    exists(state, netuid) ? { netuid, ...vectorsOf(state, netuid), emission_history: [] } : null,
  );
  answer(methods.nextEpochStartBlock, ({ netuid }, state) =>
    exists(state, netuid) ? nextEpochBlock(state, netuid) : null,
  );
  // Nobody can set one, and with one subnet there is none to remove.
  answer(methods.autoStakeHotkey, () => null);
  answer(methods.subnetToPrune, () => null);
  answer(methods.subnetAccountId, ({ netuid }, state) => (exists(state, netuid) ? subnetAccount(netuid) : null));
}

const exists = (state: StateReader, netuid: number): boolean => state.get(subnet.networksAdded, netuid);

function subnetInfoOf(state: StateReader, netuid: number) {
  if (!exists(state, netuid)) return null;
  return {
    netuid,
    rho: state.get(settings.rho, netuid),
    kappa: state.get(settings.kappa, netuid),
    difficulty: state.get(settings.difficulty, netuid),
    immunity_period: state.get(settings.immunityPeriod, netuid),
    max_allowed_validators: state.get(settings.maxAllowedValidators, netuid),
    min_allowed_weights: state.get(settings.minAllowedWeights, netuid),
    max_weights_limit: state.get(settings.maxWeightsLimit, netuid),
    scaling_law_power: state.get(settings.scalingLawPower, netuid),
    subnetwork_n: state.get(subnet.subnetworkN, netuid),
    max_allowed_uids: state.get(settings.maxAllowedUids, netuid),
    blocks_since_last_step: state.get(subnet.blocksSinceLastStep, netuid),
    tempo: state.get(settings.tempo, netuid),
    network_modality: 0,
    network_connect: [],
    // The field's name in the first form, then in the second; a codec takes the one that it knows.
    emission_values: 0n,
    emission_value: 0n,
    burn: state.get(settings.burn, netuid),
    owner: state.get(subnet.subnetOwner, netuid),
    identity: state.get(neurons.subnetIdentitiesV3, netuid),
  };
}

function dynamicInfoOf(state: StateReader, netuid: number): ValueOf<typeof DynamicInfo> | null {
  const whole = metagraphOf(state, netuid);
  if (whole === null) return null;
  const { name, symbol, identity, subnet_emission, ...rest } = whole;
  return { ...rest, subnet_name: name, token_symbol: symbol, subnet_identity: identity, emission: subnet_emission };
}

/** The account that a pallet's id and a netuid make: `modl`, the id, the netuid, and zeros. */
function subnetAccount(netuid: number): Hex {
  const account = new Uint8Array(32);
  account.set(u8aConcat(new TextEncoder().encode('modlsubtensr'), encode(u16, netuid)));
  return u8aToHex(account);
}
