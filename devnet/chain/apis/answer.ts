import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import type { MethodDeclaration } from '../declaration/runtime-api.ts';
import { runtimeVersion } from '../declaration/version.ts';
import { encodeMetadata, METADATA_VERSIONS } from '../metadata/metadata.ts';
import { accountOf } from '../runtime/accounts.ts';
import { nextEpochBlock } from '../runtime/epoch.ts';
import { feeOf, totalFee } from '../runtime/fees.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Reader, Writer } from '../scale/bytes.ts';
import { type Codec, encode, type ValueOf } from '../scale/codec.ts';
import { type Fields, type StructValue, struct } from '../scale/composite.ts';
import type { StateReader } from '../state/state.ts';
import { hyperparamEntries, hyperparamsOf } from './hyperparams.ts';
import { metagraphOf, vectorsOf } from './metagraph.ts';
import { neuronInfos } from './neurons.ts';
import { selectiveMetagraphOf } from './selective.ts';

type Answer = (args: Reader, state: StateReader) => Uint8Array;

/** Runtime calls by the name that `state_call` uses. Arguments that do not decode throw ScaleError. */
export type RuntimeApis = ReadonlyMap<string, Answer>;

export function runtimeApis(runtime: Runtime): RuntimeApis {
  const { declaration } = runtime;
  const { methods } = declaration;
  const apis = new Map<string, Answer>();
  const answer = <F extends Fields, R extends Codec<unknown>>(
    method: MethodDeclaration<F, R>,
    run: (args: StructValue<F>, state: StateReader) => ValueOf<R>,
  ) => {
    const args = struct(method.name, method.inputs);
    const output: Codec<unknown> = method.output;
    apis.set(`${method.api}_${method.name}`, (input, state) => encode(output, run(args.decode(input), state)));
  };

  answer(methods.version, () => runtimeVersion());
  answerMetadata(declaration, answer);
  answer(methods.accountNonce, ({ account }, state) => accountOf(state, account).nonce);
  const feeFor = (uxt: Uint8Array) => {
    const { bound, encoded, signed } = runtime.decode(withLength(uxt));
    return { bound, fee: feeOf(bound.refTime, encoded.length), tip: signed?.tip ?? 0n };
  };
  answer(methods.queryInfo, ({ uxt }) => {
    const { bound, fee } = feeFor(uxt);
    return {
      weight: { ref_time: bound.refTime, proof_size: 0n },
      class: { kind: 'Normal' as const, value: {} },
      partial_fee: bound.paysFee ? totalFee(fee) : 0n,
    };
  });
  answer(methods.queryFeeDetails, ({ uxt }) => {
    const { bound, fee, tip } = feeFor(uxt);
    const inclusion = { base_fee: fee.base, len_fee: fee.length, adjusted_weight_fee: fee.weight };
    return { inclusion_fee: bound.paysFee ? inclusion : null, tip };
  });

  answer(methods.neurons, ({ netuid }, state) => neuronInfos(state, netuid));
  answer(methods.neuronsLite, ({ netuid }, state) => neuronInfos(state, netuid));
  answer(methods.neuron, ({ netuid, uid }, state) => neuronInfos(state, netuid)[uid] ?? null);
  answer(methods.neuronLite, ({ netuid, uid }, state) => neuronInfos(state, netuid)[uid] ?? null);
  answer(methods.hyperparams, ({ netuid }, state) => hyperparamsOf(state, netuid));
  answer(methods.hyperparamsV3, ({ netuid }, state) => hyperparamEntries(state, netuid));
  answer(methods.metagraph, ({ netuid }, state) => metagraphOf(state, netuid));
  answer(methods.mechagraph, ({ netuid, mecid }, state) => (mecid === 0 ? metagraphOf(state, netuid) : null));
  answer(methods.selectiveMetagraph, ({ netuid, metagraph_indexes: indexes }, state) =>
    selectiveMetagraphOf(state, netuid, indexes),
  );
  answer(methods.selectiveMechagraph, ({ netuid, subid, metagraph_indexes: indexes }, state) =>
    subid === 0 ? selectiveMetagraphOf(state, netuid, indexes) : null,
  );
  answer(methods.subnetState, ({ netuid }, state) =>
    state.get(subnet.networksAdded, netuid) ? { netuid, ...vectorsOf(state, netuid), emission_history: [] } : null,
  );
  answer(methods.nextEpochStartBlock, ({ netuid }, state) =>
    state.get(subnet.networksAdded, netuid) ? nextEpochBlock(state, netuid) : null,
  );
  return apis;
}

type Register = <F extends Fields, R extends Codec<unknown>>(
  method: MethodDeclaration<F, R>,
  run: (args: StructValue<F>, state: StateReader) => ValueOf<R>,
) => void;

function answerMetadata(declaration: RuntimeDeclaration, answer: Register): void {
  const encoded = new Map(METADATA_VERSIONS.map((version) => [Number(version), encodeMetadata(declaration, version)]));
  const { methods } = declaration;
  answer(methods.metadata, () => encoded.get(14) ?? new Uint8Array());
  answer(methods.metadataVersions, () => [...encoded.keys()]);
  answer(methods.metadataAtVersion, ({ version }) => encoded.get(version) ?? null);
}

/** Runtime APIs take an extrinsic without its outer length; everything else has it. */
function withLength(uxt: Uint8Array): Uint8Array {
  const out = new Writer();
  out.compact(BigInt(uxt.length));
  out.raw(uxt);
  return out.finish();
}
