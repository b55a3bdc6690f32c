import { blake2AsU8a } from '@polkadot/util-crypto';
import { API_VERSIONS } from './apis/versions.ts';

export const SPEC_NAME = 'node-subtensor';
export const SPEC_VERSION = 424;
export const TRANSACTION_VERSION = 1;

export const runtimeVersion = () => ({
  spec_name: SPEC_NAME,
  impl_name: SPEC_NAME,
  authoring_version: 1,
  spec_version: SPEC_VERSION,
  impl_version: 1,
  apis: Object.entries(API_VERSIONS).map(([name, version]): readonly [Uint8Array, number] => [
    blake2AsU8a(name, 64),
    version,
  ]),
  transaction_version: TRANSACTION_VERSION,
  system_version: 1,
});
