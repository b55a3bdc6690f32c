import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { runtimeVersion } from '../declaration/version.ts';
import { encodeMetadata, METADATA_VERSIONS, type MetadataVersion } from '../metadata/metadata.ts';
import { accountOf } from '../runtime/accounts.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { answerDelegates } from './delegates.ts';
import { answerNeurons } from './neurons.ts';
import { answerPayment } from './payment.ts';
import { type Answer, type Register, registerIn } from './register.ts';
import { answerStakes } from './stakes.ts';
import { answerSubnets } from './subnets.ts';
import { answerSwap } from './swap.ts';

/** Runtime calls by the name that `state_call` uses. */
export type RuntimeApis = ReadonlyMap<string, Answer>;

export function runtimeApis(runtime: Runtime): RuntimeApis {
  const { declaration } = runtime;
  const { methods } = declaration;
  const apis = new Map<string, Answer>();
  const answer = registerIn(apis);
  answer(methods.version, () => runtimeVersion());
  answerMetadata(declaration, answer);
  answer(methods.accountNonce, ({ account }, state) => accountOf(state, account).nonce);
  answerPayment(runtime, answer);
  answerNeurons(methods, answer);
  answerSubnets(methods, answer);
  answerStakes(methods, answer);
  answerDelegates(methods, answer);
  answerSwap(methods, answer);
  return apis;
}

function answerMetadata(declaration: RuntimeDeclaration, answer: Register): void {
  // Made when somebody asks: a client reads one of the versions, and nobody reads all.
  const encoded = new Map<MetadataVersion, Uint8Array>();
  const at = (version: MetadataVersion): Uint8Array => {
    const metadata = encoded.get(version) ?? encodeMetadata(declaration, version);
    encoded.set(version, metadata);
    return metadata;
  };
  const { methods } = declaration;
  answer(methods.metadata, () => at(14));
  answer(methods.metadataVersions, () => [...METADATA_VERSIONS]);
  answer(methods.metadataAtVersion, ({ version }) => {
    const known = METADATA_VERSIONS.find((each) => each === version);
    return known === undefined ? null : at(known);
  });
}
