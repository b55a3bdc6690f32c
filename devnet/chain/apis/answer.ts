import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { runtimeVersion } from '../declaration/version.ts';
import { encodeMetadata, METADATA_VERSIONS } from '../metadata/metadata.ts';
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
  const encoded = new Map(METADATA_VERSIONS.map((version) => [Number(version), encodeMetadata(declaration, version)]));
  const { methods } = declaration;
  answer(methods.metadata, () => encoded.get(14) ?? new Uint8Array());
  answer(methods.metadataVersions, () => [...encoded.keys()]);
  answer(methods.metadataAtVersion, ({ version }) => encoded.get(version) ?? null);
}
