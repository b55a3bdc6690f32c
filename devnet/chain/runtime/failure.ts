import type { ErrorDeclaration } from '../declaration/pallet.ts';
import type { ValueOf } from '../scale/codec.ts';
import type { DispatchError, TokenError } from '../scale/known.ts';

/**
 * The runtime's own refusals. They are answers of the emulated chain, not errors of Ostinato, so they are no entries of
 * the error catalogue: they leave the chain as events or as JSON-RPC errors.
 */
export type DispatchErrorValue = ValueOf<typeof DispatchError>;

/** A call that fails: its changes are undone and the extrinsic ends with ExtrinsicFailed. */
export class DispatchFailure extends Error {
  override readonly name = 'DispatchFailure';
  readonly error: DispatchErrorValue;
  readonly module: ErrorDeclaration | null;
  /** The pool's code, where the error is one that only the pool knows. */
  readonly code: number | null;

  constructor(error: DispatchErrorValue, module: ErrorDeclaration | null = null, code: number | null = null) {
    super(module === null ? error.kind : `${module.pallet}.${module.name}`);
    this.error = error;
    this.module = module;
    this.code = code;
  }

  /** A refusal of the pool that is no error of any pallet. */
  static custom(code: number): DispatchFailure {
    return new DispatchFailure({ kind: 'Other', value: {} }, null, code);
  }
}

export function refusal(module: ErrorDeclaration): DispatchFailure {
  const error = { index: module.palletIndex, error: new Uint8Array([module.index, 0, 0, 0]) };
  return new DispatchFailure({ kind: 'Module', value: { 0: error } }, module);
}

export const badOrigin = () => new DispatchFailure({ kind: 'BadOrigin', value: {} });

export const tokenFailure = (kind: ValueOf<typeof TokenError>['kind']) =>
  new DispatchFailure({ kind: 'Token', value: { 0: { kind, value: {} } } });

/** Why the pool, or a block's author, will not take a transaction. */
export type Invalidity =
  | { readonly kind: 'Call' | 'Payment' | 'Future' | 'Stale' | 'BadProof' | 'AncientBirthBlock' | 'BadSigner' }
  /** Of the block that is being built, or of any: then it is too large by itself. */
  | { readonly kind: 'ExhaustsResources' }
  | { readonly kind: 'Custom'; readonly code: number }
  | { readonly kind: 'NoUnsignedValidator' };

export class InvalidTransaction extends Error {
  override readonly name = 'InvalidTransaction';
  readonly reason: Invalidity;

  constructor(reason: Invalidity) {
    super(reason.kind === 'Custom' ? `Custom error: ${reason.code}` : reason.kind);
    this.reason = reason;
  }
}

/** What SubtensorTransactionExtension makes of the errors of its checks, since runtime 233. */
const CUSTOM_CODES: Readonly<Record<string, number>> = {
  ColdkeySwapAnnounced: 0,
  AmountTooLow: 1,
  NotEnoughStakeToSetWeights: 1,
  NotEnoughBalanceToStake: 2,
  SubnetNotExists: 3,
  HotKeyAccountNotExists: 4,
  NotEnoughStakeToWithdraw: 5,
  SettingWeightsTooFast: 6,
  CommittingWeightsTooFast: 6,
  NetworkTxRateLimitExceeded: 6,
  InsufficientLiquidity: 7,
  SlippageTooHigh: 8,
  TransferDisallowed: 9,
  HotKeyNotRegisteredInNetwork: 10,
  InvalidIpAddress: 11,
  ServingRateLimitExceeded: 12,
  InvalidPort: 13,
  InvalidRevealRound: 15,
  NoWeightsCommitFound: 16,
  RevealTooEarly: 17,
  InputLengthsUnequal: 18,
  HotKeyNotRegisteredInSubNet: 19,
  EvmKeyAssociateRateLimitExceeded: 20,
  ColdkeySwapDisputed: 21,
  NonAssociatedColdKey: 25,
  DelegateTakeTooLow: 26,
  DelegateTakeTooHigh: 27,
};
const BAD_REQUEST = 255;

export const customCode = (failure: DispatchFailure): number =>
  failure.code ??
  (failure.module?.pallet === 'SubtensorModule' ? CUSTOM_CODES[failure.module.name] : undefined) ??
  BAD_REQUEST;
