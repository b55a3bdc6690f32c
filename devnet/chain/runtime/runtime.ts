import type { Hex } from '../../../domain/units.ts';
import { balancesEvents } from '../declaration/pallets/balances.ts';
import { systemEvents } from '../declaration/pallets/system.ts';
import { transactionPaymentEvents } from '../declaration/pallets/transaction-payment.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import type { State, StateReader } from '../state/state.ts';
import { accountOf, burn, canPay, countNonce } from './accounts.ts';
import { type BeaconKey, lazyBeaconKey } from './beacon/key.ts';
import { beaconHandlers, pulsesDue } from './beacon/pulses.ts';
import { adminHandlers } from './calls/admin.ts';
import { axonHandlers } from './calls/axon.ts';
import { balanceHandlers } from './calls/balances.ts';
import { checkColdkeySwap, coldkeyHandlers } from './calls/coldkey.ts';
import { commitRevealHandlers } from './calls/commit-reveal.ts';
import { commitmentHandlers } from './calls/commitments.ts';
import { evmKeyHandlers } from './calls/evm-key.ts';
import { mevShieldHandlers } from './calls/mev-shield.ts';
import { networkHandlers } from './calls/network.ts';
import { ownerHandlers } from './calls/owner.ts';
import { proxyHandlers } from './calls/proxy.ts';
import { registrationHandlers } from './calls/registration.ts';
import { stakingHandlers } from './calls/staking.ts';
import { systemHandlers } from './calls/system.ts';
import { timelockedWeightHandlers } from './calls/timelocked-weights.ts';
import { weightHandlers } from './calls/weights.ts';
import { wrapperHandlers } from './calls/wrappers.ts';
import { revealCommitments } from './commitments/reveal.ts';
import { beginBlock } from './epoch.ts';
import { decodeExtrinsic, type Extrinsic, eraBirth, type SignedPart, signatureHolds } from './extrinsic.ts';
import { customCode, DispatchFailure, InvalidTransaction } from './failure.ts';
import { feeOf, totalFee } from './fees.ts';
import { type Binder, type BoundCall, binder, type Context, depthOf, dispatch, type Handler } from './handler.ts';
import { Fullness, weightOf } from './limits.ts';
import { checkSafeMode, leaveSafeMode } from './safe-mode.ts';
import { lazyTimelock } from './timelock.ts';

/** Calls that lie deeper in others are refused. */
const MAX_CALL_DEPTH = 8;

/** The chain's rules: which transactions are valid, and what they do. */
export interface Runtime {
  readonly declaration: RuntimeDeclaration;
  /** Throws ScaleError for bytes that a runtime would trap on. */
  decode(encoded: Uint8Array): PreparedExtrinsic;
  /** Throws InvalidTransaction where a node's pool would refuse; `block` is the one that would hold the transaction. */
  validate(state: State, prepared: PreparedExtrinsic, block: number, genesisHash: Hex): void;
  /** Executes a transaction that has been validated on this very state. */
  apply(state: State, prepared: PreparedExtrinsic, block: number): void;
  /** What happens at the start of a block, before its extrinsics. */
  begin(state: State, block: number): void;
  /** The key of the chain's own beacon. */
  beaconKey(state: StateReader): BeaconKey;
  /** The unsigned extrinsic with the beacon's new rounds; null where none came out. */
  pulsesDue(state: StateReader, block: number, timeMs: number): Uint8Array | null;
}

export interface PreparedExtrinsic extends Extrinsic {
  readonly bound: BoundCall;
  readonly fee: bigint;
  /** Declared weight with all calls that it carries. */
  readonly refTime: bigint;
}

export function createRuntime(declaration: RuntimeDeclaration): Runtime {
  const handlers: Handler[] = [
    ...systemHandlers,
    ...balanceHandlers,
    ...weightHandlers,
    ...commitRevealHandlers,
    ...timelockedWeightHandlers,
    ...axonHandlers,
    ...registrationHandlers,
    ...stakingHandlers,
    ...coldkeyHandlers,
    ...ownerHandlers,
    ...networkHandlers,
    ...commitmentHandlers,
    ...adminHandlers,
    ...beaconHandlers,
    ...evmKeyHandlers,
    ...mevShieldHandlers,
  ];
  // Calls that carry calls need the binder that knows all handlers, themselves included.
  const bind: Binder = (call) => all(call);
  handlers.push(...wrapperHandlers(declaration, bind), ...proxyHandlers(declaration, bind));
  const all = binder(handlers);
  const open = lazyTimelock();
  const keyOf = lazyBeaconKey();

  return {
    declaration,
    decode: (encoded) => {
      const extrinsic = decodeExtrinsic(encoded, declaration.call);
      const bound = bind(extrinsic.call);
      const fee = bound.paysFee ? totalFee(feeOf(bound.refTime, encoded.length)) : 0n;
      return { ...extrinsic, bound, fee, refTime: weightOf(bound, bind) };
    },
    validate: (state, prepared, block, genesisHash) => {
      const { signed } = prepared;
      if (signed === null) throw new InvalidTransaction({ kind: 'NoUnsignedValidator' });
      if (depthOf(prepared.bound, bind) > MAX_CALL_DEPTH) throw new InvalidTransaction({ kind: 'Call' });
      checkSignature(state, declaration, prepared, signed, block, genesisHash);
      if (!new Fullness().hasRoomFor(prepared.refTime, prepared.encoded.length)) {
        throw new InvalidTransaction({ kind: 'ExhaustsResources' });
      }
      checkPayment(state, prepared, signed);
      checkSudo(state, declaration, prepared, signed);
      checkCall({ state, block, origin: { kind: 'signed', who: signed.who } }, prepared.bound);
    },
    apply: (state, prepared, block) => applyExtrinsic(state, prepared, block),
    begin: (state, block) => {
      leaveSafeMode(state, block);
      beginBlock(state, block, open);
      revealCommitments(state, block, open);
    },
    beaconKey: keyOf,
    pulsesDue: (state, block, timeMs) => pulsesDue(state, block, timeMs, keyOf(state)),
  };
}

/** Order as in the runtime: what is signed, the signature over it, then the nonce. */
function checkSignature(
  state: State,
  { system }: RuntimeDeclaration,
  extrinsic: Extrinsic,
  signed: SignedPart,
  block: number,
  genesisHash: Hex,
): void {
  const birth = signed.era === null ? null : eraBirth(signed.era, block);
  // A birth block that is not on record any more, or not yet, is told before the signature is looked at.
  const birthHash =
    birth === null ? genesisHash : state.read(system.blockHash.key(birth)) && state.get(system.blockHash, birth);
  if (birthHash === null) throw new InvalidTransaction({ kind: 'AncientBirthBlock' });
  // An era that has passed has another birth block, so that the signature does not hold: expired reads as BadProof.
  if (signed.metadataHash || !signatureHolds(extrinsic, signed, genesisHash, birthHash)) {
    throw new InvalidTransaction({ kind: 'BadProof' });
  }
  if (signed.nonce < accountOf(state, signed.who).nonce) throw new InvalidTransaction({ kind: 'Stale' });
}

function checkPayment(state: State, { bound, fee }: PreparedExtrinsic, { who, tip }: SignedPart): void {
  // Subtensor's own CheckNonce: an account without a provider may send free calls only.
  const unfunded = bound.paysFee && accountOf(state, who).providers === 0;
  const due = fee + tip;
  if (unfunded || (due > 0n && !canPay(state, who, due))) throw new InvalidTransaction({ kind: 'Payment' });
}

function checkSudo(
  state: State,
  { sudo }: RuntimeDeclaration,
  { bound }: PreparedExtrinsic,
  { who }: SignedPart,
): void {
  if (bound.declaration.pallet === 'Sudo' && who !== state.get(sudo.storage.key)) {
    throw new InvalidTransaction({ kind: 'BadSigner' });
  }
}

function checkCall(context: Context, bound: BoundCall): void {
  try {
    checkColdkeySwap(context, bound);
    bound.check(context);
  } catch (error) {
    if (error instanceof DispatchFailure) throw new InvalidTransaction({ kind: 'Custom', code: customCode(error) });
    throw error;
  }
}

function applyExtrinsic(state: State, { bound, fee, signed }: PreparedExtrinsic, block: number): void {
  const info = {
    weight: { ref_time: bound.refTime, proof_size: 0n },
    class: { kind: signed === null ? 'Mandatory' : 'Normal', value: {} },
    pays_fee: { kind: bound.paysFee ? 'Yes' : 'No', value: {} },
  } as const;
  if (signed !== null) {
    countNonce(state, signed.who);
    if (fee + signed.tip > 0n) {
      burn(state, signed.who, fee + signed.tip);
      state.emit(balancesEvents.withdraw, { who: signed.who, amount: fee + signed.tip });
    }
  }
  const failure = attempt(() => {
    checkSafeMode({ state }, bound);
    const origin = signed === null ? ({ kind: 'none' } as const) : ({ kind: 'signed', who: signed.who } as const);
    dispatch({ state, block, origin }, bound);
  });
  if (signed !== null) {
    const { who, tip } = signed;
    state.emit(transactionPaymentEvents.feePaid, { who, actual_fee: fee + tip, tip });
  }
  if (failure === null) state.emit(systemEvents.extrinsicSuccess, { dispatch_info: info });
  else state.emit(systemEvents.extrinsicFailed, { dispatch_error: failure.error, dispatch_info: info });
}

function attempt(run: () => void): DispatchFailure | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof DispatchFailure) return error;
    throw error;
  }
}
