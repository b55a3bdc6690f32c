/**
 * The runtime APIs that the chain answers and the version of each: what `state_getRuntimeVersion` lists, under hashed
 * names, and what metadata 16 says beside each API.
 */
export const API_VERSIONS = {
  Core: 5,
  Metadata: 2,
  AccountNonceApi: 1,
  TransactionPaymentApi: 4,
  TransactionPaymentCallApi: 3,
  DelegateInfoRuntimeApi: 1,
  NeuronInfoRuntimeApi: 1,
  SubnetInfoRuntimeApi: 1,
  StakeInfoRuntimeApi: 1,
  SubnetRegistrationRuntimeApi: 1,
  SwapRuntimeApi: 1,
} as const;

export type ApiName = keyof typeof API_VERSIONS;
