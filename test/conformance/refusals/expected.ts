import type { FailureClass, FailureContext, InvalidReason } from '../../../domain/chain-failure.ts';
import type { Code } from '../../../domain/errors/catalogue.ts';

/**
 * One refusal of the chain: how it is told, and what it means. The client's classifier has to come to the same; this
 * table knows nothing of that one.
 */
export interface Expected {
  readonly call: FailureContext['call'];
  readonly class: FailureClass;
  readonly code: Code;
  /** Names of the dispatch error, where it is told in a block. */
  readonly dispatch?: readonly string[];
  /** The pool's own number, by the numbering of the runtime. */
  readonly custom?: { readonly rao?: number; readonly current?: number };
  /** The pool's reason. */
  readonly invalid?: InvalidReason;
  /** The code of the JSON-RPC error, where nothing else is told. */
  readonly rpc?: readonly number[];
}

const weights = (names: readonly string[], meaning: readonly [FailureClass, Code], more: Partial<Expected> = {}) => ({
  call: 'set_weights' as const,
  class: meaning[0],
  code: meaning[1],
  dispatch: names.map((name) => `SubtensorModule.${name}`),
  ...more,
});
const malformed = ['config', 'OST_CHAIN_CALL_INVALID'] as const;
const unregistered = ['wait_state', 'OST_CHAIN_NOT_REGISTERED'] as const;
const other = { call: 'other' } as const;
const axon = { call: 'serve_axon' } as const;
const reveal = { call: 'reveal_weights' } as const;

export const expected = {
  WeightVecNotEqualSize: weights(['WeightVecNotEqualSize'], malformed),
  UidsLengthExceedUidsInSubNet: weights(['UidsLengthExceedUidsInSubNet'], malformed),
  HotKeyNotRegisteredInSubNet: weights(['HotKeyNotRegisteredInSubNet'], unregistered),
  IncorrectWeightVersionKey: weights(['IncorrectWeightVersionKey'], ['wait_state', 'OST_CHAIN_VERSION_KEY']),
  NeuronNoValidatorPermit: weights(['NeuronNoValidatorPermit'], ['wait_state', 'OST_CHAIN_NO_PERMIT']),
  DuplicateUids: weights(['DuplicateUids'], malformed),
  UidVecContainInvalidOne: weights(['UidVecContainInvalidOne'], malformed),
  WeightVecLengthIsLow: weights(['WeightVecLengthIsLow'], malformed),
  'WeightVecLengthIsLow (empty)': weights(['WeightVecLengthIsLow'], malformed),
  MaxWeightExceeded: weights(['MaxWeightExceeded'], malformed),
  CanNotSetRootNetworkWeights: weights(['CanNotSetRootNetworkWeights'], malformed),
  MechanismDoesNotExist: weights(
    ['SubNetworkDoesNotExist', 'MechanismDoesNotExist', 'SubnetNotExists'],
    ['config', 'OST_CHAIN_SUBNET_MISSING'],
    { custom: { current: 3 } },
  ),
  SettingWeightsTooFast: weights(['SettingWeightsTooFast'], ['retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'], {
    custom: { current: 6 },
  }),
  NotEnoughStakeToSetWeights: weights(['NotEnoughStakeToSetWeights'], ['wait_state', 'OST_CHAIN_LOW_STAKE'], {
    custom: { rao: 3, current: 1 },
  }),
  'NotEnoughStakeToSetWeights (unregistered signer)': weights([], ['wait_state', 'OST_CHAIN_LOW_STAKE'], {
    custom: { rao: 3, current: 1 },
  }),
  'NotEnoughStakeToSetWeights (commit)': weights([], ['wait_state', 'OST_CHAIN_LOW_STAKE'], {
    call: 'commit_weights',
    custom: { rao: 1, current: 1 },
  }),
  CommitRevealEnabled: weights(['CommitRevealEnabled'], ['config', 'OST_CHAIN_COMMIT_REVEAL']),
  CommitRevealDisabled: weights(['CommitRevealDisabled'], ['config', 'OST_CHAIN_COMMIT_REVEAL'], {
    call: 'commit_weights',
  }),
  CommittingWeightsTooFast: weights(['CommittingWeightsTooFast'], ['retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'], {
    call: 'commit_weights',
    custom: { current: 6 },
  }),
  TooManyUnrevealedCommits: weights(['TooManyUnrevealedCommits'], ['wait_state', 'OST_CHAIN_RATE_LIMITED'], {
    call: 'commit_weights',
  }),
  NoWeightsCommitFound: weights(['NoWeightsCommitFound'], ['config', 'OST_CHAIN_COMMIT_MISSING'], {
    ...reveal,
    custom: { current: 16 },
  }),
  InvalidRevealCommitHashNotMatch: weights(
    ['InvalidRevealCommitHashNotMatch'],
    ['config', 'OST_CHAIN_COMMIT_MISSING'],
    { ...reveal, custom: { current: 16 } },
  ),
  RevealTooEarly: weights(['RevealTooEarly'], ['retry_at', 'OST_CHAIN_REVEAL_TOO_EARLY'], {
    ...reveal,
    custom: { current: 17 },
  }),
  // One number for both on present pools: whoever sent a reveal late is told to look again.
  ExpiredWeightCommit: weights(['ExpiredWeightCommit'], ['config', 'OST_CHAIN_COMMIT_EXPIRED'], reveal),
  'ExpiredWeightCommit (pool)': weights([], ['retry_at', 'OST_CHAIN_REVEAL_TOO_EARLY'], {
    ...reveal,
    custom: { current: 17 },
  }),
  ServingRateLimitExceeded: weights(['ServingRateLimitExceeded'], ['retry_at', 'OST_CHAIN_SERVING_TOO_FAST'], {
    ...axon,
    custom: { current: 12 },
  }),
  InvalidIpType: weights(['InvalidIpType'], malformed, { ...axon, custom: { current: 255 } }),
  'InvalidIpAddress (loopback)': weights(['InvalidIpAddress'], malformed, { ...axon, custom: { current: 11 } }),
  'InvalidIpAddress (broadcast)': weights(['InvalidIpAddress'], malformed, { ...axon, custom: { current: 11 } }),
  InvalidPort: weights(['InvalidPort'], malformed, { ...axon, custom: { current: 13 } }),
  HotKeyNotRegisteredInNetwork: weights(['HotKeyNotRegisteredInNetwork'], unregistered, {
    ...axon,
    custom: { current: 10 },
  }),
  HotKeyAlreadyRegisteredInSubNet: weights(['HotKeyAlreadyRegisteredInSubNet'], malformed, other),
  RegistrationNotPermittedOnRootSubnet: weights(['RegistrationNotPermittedOnRootSubnet'], malformed, other),
  TooManyRegistrationsThisBlock: weights(
    ['TooManyRegistrationsThisBlock'],
    ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
    other,
  ),
  'registrations of an interval': weights(
    ['TooManyRegistrationsThisInterval'],
    ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
    { ...other, custom: { rao: 5, current: 6 } },
  ),
  SubNetRegistrationDisabled: weights(['SubNetRegistrationDisabled'], ['wait_state', 'OST_CHAIN_CALL_FILTERED'], other),
  NonAssociatedColdKey: weights(['NonAssociatedColdKey'], ['config', 'OST_CHAIN_BAD_ORIGIN'], other),
  NotEnoughBalanceToStake: weights(['NotEnoughBalanceToStake'], ['config', 'OST_CHAIN_PAYMENT'], {
    ...other,
    custom: { current: 2 },
  }),
  NetworkTxRateLimitExceeded: weights(['NetworkTxRateLimitExceeded'], ['retry_at', 'OST_CHAIN_RATE_LIMITED'], {
    ...other,
    custom: { current: 6 },
  }),
  HotKeyAccountNotExists: weights(['HotKeyAccountNotExists'], unregistered, { ...other, custom: { current: 4 } }),
  'NonAssociatedColdKey (take)': weights(['NonAssociatedColdKey'], ['config', 'OST_CHAIN_BAD_ORIGIN'], {
    ...other,
    custom: { current: 25 },
  }),
  DelegateTakeTooLow: weights(['DelegateTakeTooLow'], malformed, { ...other, custom: { current: 26 } }),
  DelegateTakeTooHigh: weights(['DelegateTakeTooHigh'], malformed, { ...other, custom: { current: 27 } }),
  InvalidRevealRound: weights(['InvalidRevealRound'], malformed, { call: 'commit_weights', custom: { current: 15 } }),
  InputLengthsUnequal: weights(['InputLengthsUnequal'], malformed, { ...reveal, custom: { current: 18 } }),
  'no uid for an EVM key': weights(['HotKeyNotRegisteredInSubNet'], malformed, { ...other, custom: { current: 19 } }),
  'unparsable envelope of the shield': weights([], malformed, { ...other, custom: { current: 23 } }),
  'envelope of the shield for another key': weights([], malformed, { ...other, custom: { current: 24 } }),
  AmountTooLow: weights(['AmountTooLow'], ['wait_state', 'OST_CHAIN_LOW_STAKE'], { ...other, custom: { current: 1 } }),
  NotEnoughStakeToWithdraw: weights(['NotEnoughStakeToWithdraw'], ['config', 'OST_CHAIN_PAYMENT'], {
    ...other,
    custom: { current: 5 },
  }),
  'NotEnoughBalanceToStake (staking)': weights(['NotEnoughBalanceToStake'], ['config', 'OST_CHAIN_PAYMENT'], {
    ...other,
    custom: { current: 2 },
  }),
  SlippageTooHigh: weights(['SlippageTooHigh'], ['wait_state', 'OST_CHAIN_CALL_FILTERED'], {
    ...other,
    custom: { current: 8 },
  }),
  InsufficientLiquidity: weights(['InsufficientLiquidity'], ['wait_state', 'OST_CHAIN_CALL_FILTERED'], {
    ...other,
    custom: { current: 7 },
  }),
  TransferDisallowed: weights(['TransferDisallowed'], ['wait_state', 'OST_CHAIN_CALL_FILTERED'], {
    ...other,
    custom: { current: 9 },
  }),
  EvmKeyAssociateRateLimitExceeded: weights(
    ['EvmKeyAssociateRateLimitExceeded'],
    ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
    { ...other, custom: { current: 20 } },
  ),
  IncorrectCommitRevealVersion: weights(['IncorrectCommitRevealVersion'], ['config', 'OST_CHAIN_COMMIT_REVEAL'], {
    call: 'commit_weights',
  }),
  AdminActionProhibitedDuringWeightsWindow: weights(
    ['AdminActionProhibitedDuringWeightsWindow'],
    ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
    other,
  ),
  NoNeuronIdAvailable: weights(['NoNeuronIdAvailable'], ['wait_state', 'OST_CHAIN_CALL_FILTERED'], other),
  RegistrationPriceLimitExceeded: weights(['RegistrationPriceLimitExceeded'], ['config', 'OST_CHAIN_PAYMENT'], other),
  AccountNotAllowedCommit: {
    call: 'set_commitment',
    class: 'wait_state',
    code: 'OST_CHAIN_NOT_REGISTERED',
    dispatch: ['Commitments.AccountNotAllowedCommit'],
  },
  CommitmentSetRateLimitExceeded: {
    call: 'set_commitment',
    class: 'retry_at',
    code: 'OST_CHAIN_COMMITMENT_TOO_FAST',
    dispatch: ['Commitments.CommitmentSetRateLimitExceeded'],
  },
  SpaceLimitExceeded: {
    call: 'set_commitment',
    class: 'retry_at',
    code: 'OST_CHAIN_COMMITMENT_TOO_FAST',
    dispatch: ['Commitments.SpaceLimitExceeded'],
  },
  // The list does not decode, so that nothing but the node can answer.
  'too many fields of a commitment': {
    call: 'set_commitment',
    class: 'config',
    code: 'OST_CHAIN_CALL_INVALID',
    rpc: [1002, 1011],
  },
  RequireSudo: {
    call: 'other',
    class: 'fatal',
    code: 'OST_CHAIN_BAD_ORIGIN',
    dispatch: ['Sudo.RequireSudo'],
    invalid: 'badSigner',
  },
  BadOrigin: { call: 'other', class: 'fatal', code: 'OST_CHAIN_BAD_ORIGIN', dispatch: ['BadOrigin'] },
  'Stale (a used nonce)': { call: 'other', class: 'refresh', code: 'OST_CHAIN_NONCE_STALE', invalid: 'stale' },
  'BadProof (another message)': {
    call: 'other',
    class: 'fatal',
    code: 'OST_CHAIN_BAD_SIGNATURE',
    invalid: 'badProof',
  },
  'BadProof (past its era)': { call: 'other', class: 'expired', code: 'OST_CHAIN_TX_EXPIRED', invalid: 'badProof' },
  Payment: { call: 'other', class: 'config', code: 'OST_CHAIN_PAYMENT', invalid: 'payment' },
  'bytes of another length than they say': {
    call: 'other',
    class: 'fatal',
    code: 'OST_CHAIN_CALL_INVALID',
    rpc: [1001],
  },
  // The runtime traps over them; the numbers are a node's and chopsticks'.
  'bytes that are no extrinsic': { call: 'other', class: 'config', code: 'OST_CHAIN_CALL_INVALID', rpc: [1002, 1011] },
  AncientBirthBlock: { call: 'other', class: 'expired', code: 'OST_CHAIN_TX_EXPIRED', invalid: 'ancientBirthBlock' },
  ExhaustsResources: { call: 'other', class: 'refresh', code: 'OST_CHAIN_POOL_BUSY', invalid: 'exhaustsResources' },
  'Call (calls in calls)': {
    call: 'other',
    class: 'wait_state',
    code: 'OST_CHAIN_CALL_FILTERED',
    invalid: 'call',
  },
  'CallFiltered (safe mode)': {
    call: 'other',
    class: 'wait_state',
    code: 'OST_CHAIN_CALL_FILTERED',
    dispatch: ['System.CallFiltered'],
  },
  'coldkey swap announced': {
    call: 'other',
    class: 'wait_state',
    code: 'OST_CHAIN_KEY_SWAP',
    custom: { rao: 0, current: 0 },
  },
  'coldkey swap disputed': { call: 'other', class: 'wait_state', code: 'OST_CHAIN_KEY_SWAP', custom: { current: 21 } },
  'temporarily banned': { call: 'other', class: 'refresh', code: 'OST_CHAIN_POOL_BUSY', rpc: [1012] },
  'pool full': { call: 'other', class: 'refresh', code: 'OST_CHAIN_POOL_BUSY', rpc: [1016] },
  'already imported': { call: 'other', class: 'refresh', code: 'OST_CHAIN_ALREADY_IMPORTED', rpc: [1013] },
  'a nonce that waits already': { call: 'other', class: 'refresh', code: 'OST_CHAIN_POOL_BUSY', rpc: [1014] },
} as const satisfies Readonly<Record<string, Expected>>;

export type RefusalName = keyof typeof expected;
