import type { Hex } from '../../../domain/units.ts';
import { balances, balancesEvents, EXISTENTIAL_DEPOSIT } from '../declaration/pallets/balances.ts';
import { type AccountInfo, systemEvents, systemStorage } from '../declaration/pallets/system.ts';
import type { ValueOf } from '../scale/codec.ts';
import { bytes } from '../scale/composite.ts';
import type { State, StateReader } from '../state/state.ts';
import { tokenFailure } from './failure.ts';

type Account = ValueOf<typeof AccountInfo>;
const { account } = systemStorage(bytes);

export const accountOf = (state: StateReader, who: Hex): Account => state.get(account, who);

const withFree = (info: Account, free: bigint): Account => ({ ...info, data: { ...info.data, free } });

function adjustIssuance(state: State, delta: bigint): void {
  state.set(balances.totalIssuance, [], state.get(balances.totalIssuance) + delta);
}

export function countNonce(state: State, who: Hex): void {
  const info = accountOf(state, who);
  state.set(account, [who], { ...info, nonce: info.nonce + 1 });
}

/** Adds to an account; a new one must reach the existential deposit. */
export function credit(state: State, who: Hex, amount: bigint): void {
  const info = accountOf(state, who);
  if (info.providers > 0) {
    state.set(account, [who], withFree(info, info.data.free + amount));
    return;
  }
  if (amount < EXISTENTIAL_DEPOSIT) throw tokenFailure('BelowMinimum');
  state.set(account, [who], withFree({ ...info, providers: 1 }, amount));
  state.emit(systemEvents.newAccount, { account: who });
  state.emit(balancesEvents.endowed, { account: who, free_balance: amount });
}

/** Takes from an account. One that falls below the existential deposit is removed, nonce and all, unless kept alive. */
export function debit(state: State, who: Hex, amount: bigint, keepAlive: boolean): void {
  const info = accountOf(state, who);
  const left = info.data.free - amount;
  if (left < 0n) throw tokenFailure('FundsUnavailable');
  if (left >= EXISTENTIAL_DEPOSIT) {
    state.set(account, [who], withFree(info, left));
    return;
  }
  if (keepAlive) throw tokenFailure('NotExpendable');
  state.remove(account, who);
  state.emit(systemEvents.killedAccount, { account: who });
  if (left > 0n) {
    state.emit(balancesEvents.dustLost, { account: who, amount: left });
    adjustIssuance(state, -left);
  }
}

/** Destroys an amount: what a registration burns, and what fees are. */
export function burn(state: State, who: Hex, amount: bigint): void {
  debit(state, who, amount, true);
  adjustIssuance(state, -amount);
}

/** Credits an amount that comes out of nothing on this ledger: what a pool pays out. */
export function mint(state: State, who: Hex, amount: bigint): void {
  credit(state, who, amount);
  adjustIssuance(state, amount);
}

/** Puts a balance in place, as root or genesis does. */
export function endow(state: State, who: Hex, free: bigint): void {
  const info = accountOf(state, who);
  adjustIssuance(state, free - info.data.free);
  if (free < EXISTENTIAL_DEPOSIT) state.remove(account, who);
  else state.set(account, [who], withFree({ ...info, providers: 1 }, free));
}

export const canPay = (state: StateReader, who: Hex, amount: bigint): boolean =>
  accountOf(state, who).data.free - amount >= EXISTENTIAL_DEPOSIT;
