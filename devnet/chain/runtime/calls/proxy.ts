import { systemErrors } from '../../declaration/pallets/system.ts';
import type { RuntimeDeclaration } from '../../declaration/runtime.ts';
import { refusal } from '../failure.ts';
import { type Binder, type BoundCall, type Handler, handler, signer } from '../handler.ts';
import { lookup } from './balances.ts';
import { attempt } from './wrappers.ts';

/** Which calls a kind of proxy lets through, as far as this chain has such calls; kinds that are not here, none. */
const ALLOWED: Readonly<Record<string, (call: BoundCall['declaration']) => boolean>> = {
  Any: () => true,
  NonTransfer: ({ pallet, name }) => pallet !== 'Balances' && name !== 'transfer_stake',
  NonCritical: ({ pallet }) => pallet !== 'Sudo',
  Owner: ({ pallet }) => pallet === 'AdminUtils',
  Staking: ({ name }) => /stake/.test(name) && name !== 'transfer_stake',
  Registration: ({ name }) => name === 'burned_register' || name === 'register_limit',
  Transfer: ({ pallet, name }) => pallet === 'Balances' || name === 'transfer_stake',
};

const pays = { paysFee: true, refTime: 30_000_000n } as const;

export function proxyHandlers({ proxy }: RuntimeDeclaration, bind: Binder): readonly Handler[] {
  const { calls, events, storage, refusals } = proxy;
  return [
    handler(calls.proxy, {
      paysFee: true,
      refTime: 15_000_000_000n,
      inner: ({ call }) => [call],
      run: (context, { real, force_proxy_type: forced, call }) => {
        const [who, principal] = [signer(context), lookup(real)];
        const [definitions] = context.state.get(storage.proxies, principal);
        const granted = definitions.find(
          ({ delegate, proxy_type: type }) => delegate === who && (forced === null || type.kind === forced.kind),
        );
        if (granted === undefined) throw refusal(refusals.NotProxy);
        if (granted.delay > 0) throw refusal(refusals.Unannounced);
        const allowed = ALLOWED[granted.proxy_type.kind]?.(bind(call).declaration) ?? false;
        const failure = allowed
          ? attempt({ ...context, origin: { kind: 'signed', who: principal } }, bind, call)
          : refusal(systemErrors.CallFiltered);
        context.state.emit(events.proxyExecuted, {
          result: failure === null ? { kind: 'Ok', value: { 0: [] } } : { kind: 'Err', value: { 0: failure.error } },
        });
      },
    }),
    handler(calls.addProxy, {
      ...pays,
      run: (context, { delegate, proxy_type: type, delay }) => {
        const [who, delegatee] = [signer(context), lookup(delegate)];
        if (who === delegatee) throw refusal(refusals.NoSelfProxy);
        const [definitions, deposit] = context.state.get(storage.proxies, who);
        const known = definitions.some((each) => each.delegate === delegatee && each.proxy_type.kind === type.kind);
        if (known) throw refusal(refusals.Duplicate);
        const added = { delegate: delegatee, proxy_type: type, delay };
        context.state.set(storage.proxies, [who], [[...definitions, added], deposit]);
        context.state.emit(events.proxyAdded, { delegator: who, delegatee, proxy_type: type, delay });
      },
    }),
    handler(calls.removeProxy, {
      ...pays,
      run: (context, { delegate, proxy_type: type, delay }) => {
        const [who, delegatee] = [signer(context), lookup(delegate)];
        const [definitions, deposit] = context.state.get(storage.proxies, who);
        const left = definitions.filter((each) => each.delegate !== delegatee || each.proxy_type.kind !== type.kind);
        if (left.length === definitions.length) throw refusal(refusals.NotFound);
        if (left.length === 0) context.state.remove(storage.proxies, who);
        else context.state.set(storage.proxies, [who], [left, deposit]);
        context.state.emit(events.proxyRemoved, { delegator: who, delegatee, proxy_type: type, delay });
      },
    }),
  ];
}
