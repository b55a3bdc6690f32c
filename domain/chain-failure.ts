import type { Code } from './errors/catalogue.ts';
import type { Blocks } from './units.ts';

/**
 * What to do about a failed write:
 *
 * - `retry_at`: the chain will take it from a block on (null: not known, read it).
 * - `refresh`: look again at the chain and the pool, then go on with the same bytes.
 * - `expired`: the bytes can no longer be included; sign anew once that is certain.
 * - `wait_state`: nothing helps but a change on chain (permit, stake, registration, version).
 * - `config`: the call or a setting is wrong; trying again gives the same.
 * - `fatal`: should not happen; stop.
 */
export type FailureClass = 'retry_at' | 'refresh' | 'expired' | 'wait_state' | 'config' | 'fatal';

export interface ChainFailure {
  readonly class: FailureClass;
  readonly code: Code;
  /** The chain's own words, for logs and outcomes. */
  readonly detail: string;
  readonly block: Blocks | null;
}

/** A failure as it was met, freed of the transport's and the endpoint's dialect. */
export type Symptom =
  | { readonly kind: 'invalid'; readonly reason: InvalidReason; readonly detail: string }
  | { readonly kind: 'custom'; readonly number: number; readonly detail: string }
  /** A JSON-RPC error of another kind, by its code. */
  | { readonly kind: 'rpc'; readonly number: number; readonly detail: string }
  /** How the pool ended a watch. */
  | { readonly kind: 'status'; readonly status: TerminalStatus }
  /** A dispatch error by its name: `Pallet.Name`, or the bare name of one that is no module's. */
  | { readonly kind: 'dispatch'; readonly name: string }
  | { readonly kind: 'disconnected'; readonly detail: string }
  | { readonly kind: 'timeout'; readonly detail: string }
  | { readonly kind: 'other'; readonly detail: string };

export type InvalidReason =
  | 'call'
  | 'payment'
  | 'future'
  | 'stale'
  | 'badProof'
  | 'ancientBirthBlock'
  | 'exhaustsResources'
  | 'badMandatory'
  | 'mandatoryValidation'
  | 'badSigner';

export type TerminalStatus = 'invalid' | 'dropped' | 'usurped' | 'retracted' | 'finalityTimeout';

/** The calls of a hotkey. */
export type WriteKind =
  | 'set_weights'
  | 'commit_weights'
  | 'reveal_weights'
  | 'commit_timelocked_weights'
  | 'set_commitment'
  | 'serve_axon';

/** The calls that the rate limit of weights is about. */
const ratedAsWeights: readonly FailureContext['call'][] = [
  'set_weights',
  'commit_weights',
  'commit_timelocked_weights',
];

/** What a number or a text cannot tell by itself. */
export interface FailureContext {
  readonly call: WriteKind | 'other';
  /**
   * How the pool numbers its custom errors. `rao` is the test build of January 2025 (spec 218), where 3 is low stake;
   * since 233 that is 1, and 3 is a missing subnet.
   */
  readonly poolCodes: 'rao' | 'current';
  /** Whether the era of the sent bytes has ended at the head: it tells an expired signature from a wrong one. */
  readonly eraPassed: boolean;
  /** From which block the chain takes the call again, where the caller has read it. */
  readonly allowedAt: Blocks | null;
}

type Verdict = readonly [FailureClass, Code];

const invalid: Readonly<Record<InvalidReason, Verdict>> = {
  call: ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  payment: ['config', 'OST_CHAIN_PAYMENT'],
  future: ['refresh', 'OST_CHAIN_NONCE_FUTURE'],
  stale: ['refresh', 'OST_CHAIN_NONCE_STALE'],
  badProof: ['fatal', 'OST_CHAIN_BAD_SIGNATURE'],
  ancientBirthBlock: ['expired', 'OST_CHAIN_TX_EXPIRED'],
  exhaustsResources: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  badMandatory: ['fatal', 'OST_CHAIN_CALL_INVALID'],
  mandatoryValidation: ['fatal', 'OST_CHAIN_CALL_INVALID'],
  badSigner: ['fatal', 'OST_CHAIN_BAD_ORIGIN'],
};

/** The pool's one number for the rate limits of weights and of much else, since spec 233. */
const rateLimited = 6;

/** Pool codes since spec 233. */
const currentCustom: Readonly<Record<number, Verdict>> = {
  0: ['wait_state', 'OST_CHAIN_KEY_SWAP'],
  1: ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  2: ['config', 'OST_CHAIN_PAYMENT'],
  3: ['config', 'OST_CHAIN_SUBNET_MISSING'],
  4: ['wait_state', 'OST_CHAIN_NOT_REGISTERED'],
  5: ['config', 'OST_CHAIN_PAYMENT'],
  6: ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  7: ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  8: ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  9: ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  10: ['wait_state', 'OST_CHAIN_NOT_REGISTERED'],
  11: ['config', 'OST_CHAIN_CALL_INVALID'],
  12: ['retry_at', 'OST_CHAIN_SERVING_TOO_FAST'],
  13: ['config', 'OST_CHAIN_CALL_INVALID'],
  14: ['config', 'OST_CHAIN_CALL_INVALID'],
  15: ['config', 'OST_CHAIN_CALL_INVALID'],
  16: ['config', 'OST_CHAIN_COMMIT_MISSING'],
  17: ['retry_at', 'OST_CHAIN_REVEAL_TOO_EARLY'],
  18: ['config', 'OST_CHAIN_CALL_INVALID'],
  19: ['config', 'OST_CHAIN_CALL_INVALID'],
  20: ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  21: ['wait_state', 'OST_CHAIN_KEY_SWAP'],
  22: ['config', 'OST_CHAIN_CALL_INVALID'],
  23: ['config', 'OST_CHAIN_CALL_INVALID'],
  24: ['config', 'OST_CHAIN_CALL_INVALID'],
  25: ['config', 'OST_CHAIN_BAD_ORIGIN'],
  26: ['config', 'OST_CHAIN_CALL_INVALID'],
  27: ['config', 'OST_CHAIN_CALL_INVALID'],
  255: ['config', 'OST_CHAIN_CALL_INVALID'],
};

/** Pool codes of spec 218. */
const raoCustom: Readonly<Record<number, Verdict>> = {
  0: ['wait_state', 'OST_CHAIN_KEY_SWAP'],
  1: ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  2: ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  3: ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  4: ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  5: ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
};

const rpc: Readonly<Record<number, Verdict>> = {
  1001: ['fatal', 'OST_CHAIN_CALL_INVALID'],
  1002: ['config', 'OST_CHAIN_CALL_INVALID'],
  1011: ['config', 'OST_CHAIN_CALL_INVALID'],
  1012: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  1013: ['refresh', 'OST_CHAIN_ALREADY_IMPORTED'],
  1014: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  1015: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  1016: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  1018: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  1019: ['fatal', 'OST_CHAIN_CALL_INVALID'],
  1020: ['refresh', 'OST_CHAIN_POOL_BUSY'],
  1021: ['refresh', 'OST_CHAIN_NONCE_FUTURE'],
};

const dispatch: Readonly<Record<string, Verdict>> = {
  'SubtensorModule.SettingWeightsTooFast': ['retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'],
  'SubtensorModule.CommittingWeightsTooFast': ['retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'],
  'SubtensorModule.ServingRateLimitExceeded': ['retry_at', 'OST_CHAIN_SERVING_TOO_FAST'],
  'SubtensorModule.RevealTooEarly': ['retry_at', 'OST_CHAIN_REVEAL_TOO_EARLY'],
  'SubtensorModule.NetworkTxRateLimitExceeded': ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  'SubtensorModule.TxRateLimitExceeded': ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  'SubtensorModule.EvmKeyAssociateRateLimitExceeded': ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  'SubtensorModule.AdminActionProhibitedDuringWeightsWindow': ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  'SubtensorModule.TooManyRegistrationsThisBlock': ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  'SubtensorModule.TooManyRegistrationsThisInterval': ['retry_at', 'OST_CHAIN_RATE_LIMITED'],
  'SubtensorModule.TooManyUnrevealedCommits': ['wait_state', 'OST_CHAIN_RATE_LIMITED'],
  'Commitments.CommitmentSetRateLimitExceeded': ['retry_at', 'OST_CHAIN_COMMITMENT_TOO_FAST'],
  'Commitments.SpaceLimitExceeded': ['retry_at', 'OST_CHAIN_COMMITMENT_TOO_FAST'],
  'SubtensorModule.NeuronNoValidatorPermit': ['wait_state', 'OST_CHAIN_NO_PERMIT'],
  'SubtensorModule.NotEnoughStakeToSetWeights': ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  'SubtensorModule.HotKeyNotRegisteredInSubNet': ['wait_state', 'OST_CHAIN_NOT_REGISTERED'],
  'SubtensorModule.HotKeyNotRegisteredInNetwork': ['wait_state', 'OST_CHAIN_NOT_REGISTERED'],
  'SubtensorModule.HotKeyAccountNotExists': ['wait_state', 'OST_CHAIN_NOT_REGISTERED'],
  'Commitments.AccountNotAllowedCommit': ['wait_state', 'OST_CHAIN_NOT_REGISTERED'],
  'SubtensorModule.IncorrectWeightVersionKey': ['wait_state', 'OST_CHAIN_VERSION_KEY'],
  'SubtensorModule.DisabledTemporarily': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'SubtensorModule.SubNetRegistrationDisabled': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'SubtensorModule.NoNeuronIdAvailable': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'System.CallFiltered': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'SubtensorModule.CommitRevealEnabled': ['config', 'OST_CHAIN_COMMIT_REVEAL'],
  'SubtensorModule.CommitRevealDisabled': ['config', 'OST_CHAIN_COMMIT_REVEAL'],
  'SubtensorModule.IncorrectCommitRevealVersion': ['config', 'OST_CHAIN_COMMIT_REVEAL'],
  'SubtensorModule.NoWeightsCommitFound': ['config', 'OST_CHAIN_COMMIT_MISSING'],
  'SubtensorModule.InvalidRevealCommitHashNotMatch': ['config', 'OST_CHAIN_COMMIT_MISSING'],
  'SubtensorModule.ExpiredWeightCommit': ['config', 'OST_CHAIN_COMMIT_EXPIRED'],
  'SubtensorModule.NotEnoughBalanceToStake': ['config', 'OST_CHAIN_PAYMENT'],
  'SubtensorModule.RegistrationPriceLimitExceeded': ['config', 'OST_CHAIN_PAYMENT'],
  'SubtensorModule.AmountTooLow': ['wait_state', 'OST_CHAIN_LOW_STAKE'],
  'SubtensorModule.NotEnoughStakeToWithdraw': ['config', 'OST_CHAIN_PAYMENT'],
  'SubtensorModule.InsufficientLiquidity': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'SubtensorModule.SlippageTooHigh': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'SubtensorModule.TransferDisallowed': ['wait_state', 'OST_CHAIN_CALL_FILTERED'],
  'SubtensorModule.NonAssociatedColdKey': ['config', 'OST_CHAIN_BAD_ORIGIN'],
  'SubtensorModule.SubNetworkDoesNotExist': ['config', 'OST_CHAIN_SUBNET_MISSING'],
  'SubtensorModule.MechanismDoesNotExist': ['config', 'OST_CHAIN_SUBNET_MISSING'],
  'SubtensorModule.SubnetNotExists': ['config', 'OST_CHAIN_SUBNET_MISSING'],
  BadOrigin: ['fatal', 'OST_CHAIN_BAD_ORIGIN'],
  'Sudo.RequireSudo': ['fatal', 'OST_CHAIN_BAD_ORIGIN'],
};

/** Names whose only cause is a call that is wrong in itself. */
const malformed = [
  'SubtensorModule.WeightVecNotEqualSize',
  'SubtensorModule.UidsLengthExceedUidsInSubNet',
  'SubtensorModule.DuplicateUids',
  'SubtensorModule.UidVecContainInvalidOne',
  'SubtensorModule.WeightVecLengthIsLow',
  'SubtensorModule.MaxWeightExceeded',
  'SubtensorModule.CanNotSetRootNetworkWeights',
  'SubtensorModule.InvalidIpType',
  'SubtensorModule.InvalidIpAddress',
  'SubtensorModule.InvalidPort',
  'SubtensorModule.InvalidRevealRound',
  'SubtensorModule.InputLengthsUnequal',
  'SubtensorModule.HotKeyAlreadyRegisteredInSubNet',
  'SubtensorModule.RegistrationNotPermittedOnRootSubnet',
  'Commitments.TooManyFieldsInCommitmentInfo',
] as const;
const isMalformed: ReadonlySet<string> = new Set(malformed);

function verdictOf(symptom: Symptom, context: FailureContext): Verdict {
  switch (symptom.kind) {
    case 'invalid':
      // Past its era the runtime computes another birth block, so that a good signature no longer verifies.
      if (symptom.reason === 'badProof' && context.eraPassed) return ['expired', 'OST_CHAIN_TX_EXPIRED'];
      return invalid[symptom.reason];
    case 'custom': {
      const verdict = (context.poolCodes === 'rao' ? raoCustom : currentCustom)[symptom.number];
      if (verdict === undefined) return ['config', 'OST_CHAIN_DISPATCH'];
      if (context.poolCodes === 'current' && symptom.number === rateLimited && ratedAsWeights.includes(context.call))
        return ['retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'];
      return verdict;
    }
    case 'rpc':
      return rpc[symptom.number] ?? ['refresh', 'OST_CHAIN_RPC'];
    case 'status':
      return context.eraPassed ? ['expired', 'OST_CHAIN_TX_EXPIRED'] : ['refresh', 'OST_CHAIN_TX_LOST'];
    case 'dispatch':
      if (isMalformed.has(symptom.name)) return ['config', 'OST_CHAIN_CALL_INVALID'];
      return dispatch[symptom.name] ?? ['config', 'OST_CHAIN_DISPATCH'];
    case 'disconnected':
      return ['refresh', 'OST_CHAIN_DISCONNECTED'];
    case 'timeout':
      return ['refresh', 'OST_CHAIN_TIMEOUT'];
    case 'other':
      return ['refresh', 'OST_CHAIN_RPC'];
  }
}

function detailOf(symptom: Symptom): string {
  switch (symptom.kind) {
    case 'status':
      return symptom.status;
    case 'dispatch':
      return symptom.name;
    default:
      return symptom.detail;
  }
}

/** The one place that decides what a failure means. */
export function classify(symptom: Symptom, context: FailureContext): ChainFailure {
  const [kind, code] = verdictOf(symptom, context);
  return { class: kind, code, detail: detailOf(symptom), block: kind === 'retry_at' ? context.allowedAt : null };
}

/** Whether an outcome with this failure ends a request for good. */
export const isFinal = (failure: ChainFailure): boolean => failure.class === 'config' || failure.class === 'fatal';
