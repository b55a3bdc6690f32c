import { blake2AsU8a } from '@polkadot/util-crypto';

export const SPEC_NAME = 'node-subtensor';
export const SPEC_VERSION = 424;
export const TRANSACTION_VERSION = 1;

/** The runtime APIs that the chain answers, with their versions, as `state_getRuntimeVersion` lists them. */
const APIS: readonly (readonly [string, number])[] = [
  ['Core', 5],
  ['Metadata', 2],
  ['TaggedTransactionQueue', 3],
  ['AccountNonceApi', 1],
  ['TransactionPaymentApi', 4],
  ['NeuronInfoRuntimeApi', 1],
  ['SubnetInfoRuntimeApi', 1],
];

export const runtimeVersion = () => ({
  spec_name: SPEC_NAME,
  impl_name: SPEC_NAME,
  authoring_version: 1,
  spec_version: SPEC_VERSION,
  impl_version: 1,
  apis: APIS.map(([name, version]): readonly [Uint8Array, number] => [blake2AsU8a(name, 64), version]),
  transaction_version: TRANSACTION_VERSION,
  system_version: 1,
});
