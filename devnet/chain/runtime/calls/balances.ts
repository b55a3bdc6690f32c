import type { Hex } from '../../../../domain/units.ts';
import { balancesCalls, balancesEvents, EXISTENTIAL_DEPOSIT } from '../../declaration/pallets/balances.ts';
import type { ValueOf } from '../../scale/codec.ts';
import type { MultiAddress } from '../../scale/known.ts';
import type { State } from '../../state/state.ts';
import { accountOf, credit, debit, endow } from '../accounts.ts';
import { DispatchFailure } from '../failure.ts';
import { ensureRoot, type Handler, handler, signer } from '../handler.ts';

const TRANSFER_REF_TIME = 300_000_000n;
const pays = { paysFee: true, refTime: TRANSFER_REF_TIME } as const;

export function lookup(address: ValueOf<typeof MultiAddress>): Hex {
  if (address.kind !== 'Id') throw new DispatchFailure({ kind: 'CannotLookup', value: {} });
  return address.value[0];
}

function transfer(state: State, from: Hex, to: Hex, amount: bigint, keepAlive: boolean): void {
  if (from !== to) {
    debit(state, from, amount, keepAlive);
    credit(state, to, amount);
  }
  state.emit(balancesEvents.transfer, { from, to, amount });
}

export const balanceHandlers: readonly Handler[] = [
  handler(balancesCalls.transferAllowDeath, {
    ...pays,
    run: (context, { dest, value }) => transfer(context.state, signer(context), lookup(dest), value, false),
  }),
  handler(balancesCalls.transferKeepAlive, {
    ...pays,
    run: (context, { dest, value }) => transfer(context.state, signer(context), lookup(dest), value, true),
  }),
  handler(balancesCalls.transferAll, {
    ...pays,
    run: (context, { dest, keep_alive }) => {
      const who = signer(context);
      const { free } = accountOf(context.state, who).data;
      transfer(context.state, who, lookup(dest), keep_alive ? free - EXISTENTIAL_DEPOSIT : free, keep_alive);
    },
  }),
  handler(balancesCalls.forceSetBalance, {
    ...pays,
    run: (context, { who, new_free: free }) => {
      ensureRoot(context);
      endow(context.state, lookup(who), free);
      context.state.emit(balancesEvents.balanceSet, { who: lookup(who), free });
    },
  }),
];
