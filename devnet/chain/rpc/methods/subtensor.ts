import type { MethodDeclaration } from '../../declaration/runtime-api.ts';
import { Writer } from '../../scale/bytes.ts';
import { decode, typeName } from '../../scale/codec.ts';
import { u64 } from '../../scale/primitive.ts';
import { invalidParams } from '../failure.ts';
import type { Method, Methods, Services } from '../method.ts';
import type { Params } from '../params.ts';
import { runtimeCall } from '../runtime-call.ts';

/** Methods of Subtensor's own node: runtime calls with JSON arguments, answered in SCALE as a list of byte values. */
export function subtensorMethods(services: Services): Methods {
  const { methods } = services.chain.runtime.declaration;
  const call = (method: MethodDeclaration, params: Params): Uint8Array => {
    const inputs = Object.values(method.inputs);
    const out = new Writer();
    for (const [index, codec] of inputs.entries()) codec.encode(argument(params, index, typeName(codec.type)), out);
    return runtimeCall(services, `${method.api}_${method.name}`, out.finish(), params.optionalHex(inputs.length));
  };
  const listed =
    (method: MethodDeclaration): Method =>
    (params) => [...call(method, params)];
  return {
    neuronInfo_getNeurons: listed(methods.neurons),
    neuronInfo_getNeuron: listed(methods.neuron),
    neuronInfo_getNeuronsLite: listed(methods.neuronsLite),
    neuronInfo_getNeuronLite: listed(methods.neuronLite),
    delegateInfo_getDelegates: listed(methods.delegates),
    delegateInfo_getDelegate: listed(methods.delegate),
    delegateInfo_getDelegated: listed(methods.delegated),
    subnetInfo_getSubnetInfo: listed(methods.subnetInfo),
    subnetInfo_getSubnetsInfo: listed(methods.subnetsInfo),
    subnetInfo_getSubnetInfo_v2: listed(methods.subnetInfoV2),
    subnetInfo_getSubnetHyperparams: listed(methods.hyperparams),
    subnetInfo_getSubnetHyperparamsV2: listed(methods.hyperparamsV2),
    subnetInfo_getDynamicInfo: listed(methods.dynamicInfo),
    subnetInfo_getAllDynamicInfo: listed(methods.allDynamicInfo),
    subnetInfo_getMetagraph: listed(methods.metagraph),
    subnetInfo_getAllMetagraphs: listed(methods.allMetagraphs),
    subnetInfo_getMechagraph: listed(methods.mechagraph),
    subnetInfo_getAllMechagraphs: listed(methods.allMechagraphs),
    subnetInfo_getSelectiveMetagraph: listed(methods.selectiveMetagraph),
    subnetInfo_getSelectiveMechagraph: listed(methods.selectiveMechagraph),
    subnetInfo_getSubnetState: listed(methods.subnetState),
    /** The one that answers a number: rao. */
    subnetInfo_getLockCost: (params) => Number(decode(u64, call(methods.registrationCost, params))),
  };
}

function argument(params: Params, index: number, type: string): unknown {
  if (type === 'AccountId32') return params.account(index);
  if (type !== 'Vec<u16>') return params.number(index);
  const numbers = params.numbers(index);
  if (numbers === null) throw invalidParams('expected a list of numbers');
  return numbers.list;
}
