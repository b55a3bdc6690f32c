import { systemErrors } from '../../declaration/pallets/system.ts';
import type { RuntimeDeclaration } from '../../declaration/runtime.ts';
import { DispatchFailure, refusal } from '../failure.ts';
import { type Binder, type Context, dispatch, type Handler, handler, signer } from '../handler.ts';

/** Runs an inner call; its failure as a value. */
export function attempt(context: Context, bind: Binder, call: Uint8Array): DispatchFailure | null {
  try {
    dispatch(context, bind(call));
    return null;
  } catch (error) {
    if (error instanceof DispatchFailure) return error;
    throw error;
  }
}

/** Batches may hold anything but batches. */
function filtered(bind: Binder): Binder {
  return (call) => {
    const bound = bind(call);
    const { pallet, name } = bound.declaration;
    if (pallet === 'Utility' && /batch/.test(name)) throw refusal(systemErrors.CallFiltered);
    return bound;
  };
}

/** Calls that carry calls. Wrapped, a free call pays: the whole batch is charged by its declared weight. */
export function wrapperHandlers(runtime: RuntimeDeclaration, bind: Binder): readonly Handler[] {
  const { calls, events } = runtime.utility;
  const batched = { paysFee: true, refTime: 15_000_000_000n } as const;
  const item = filtered(bind);
  return [
    handler(calls.batch, {
      ...batched,
      inner: ({ calls: inner }) => inner,
      run: (context, { calls: inner }) => {
        for (const [index, call] of inner.entries()) {
          const failure = attempt(context, item, call);
          if (failure !== null) {
            context.state.emit(events.batchInterrupted, { index, error: failure.error });
            return;
          }
          context.state.emit(events.itemCompleted, {});
        }
        context.state.emit(events.batchCompleted, {});
      },
    }),
    handler(calls.batchAll, {
      ...batched,
      inner: ({ calls: inner }) => inner,
      run: (context, { calls: inner }) => {
        for (const call of inner) {
          dispatch(context, item(call));
          context.state.emit(events.itemCompleted, {});
        }
        context.state.emit(events.batchCompleted, {});
      },
    }),
    handler(calls.forceBatch, {
      ...batched,
      inner: ({ calls: inner }) => inner,
      run: (context, { calls: inner }) => {
        const failures = inner.map((call) => {
          const failure = attempt(context, item, call);
          if (failure === null) context.state.emit(events.itemCompleted, {});
          else context.state.emit(events.itemFailed, { error: failure.error });
          return failure;
        });
        const failed = failures.some((failure) => failure !== null);
        context.state.emit(failed ? events.batchCompletedWithErrors : events.batchCompleted, {});
      },
    }),
    handler(runtime.sudo.calls.sudo, {
      paysFee: false,
      refTime: 20_000_000n,
      inner: ({ call }) => [call],
      run: (context, { call }) => {
        const requireSudo = runtime.sudo.declaration.errors[0];
        if (signer(context) !== context.state.get(runtime.sudo.storage.key) && requireSudo !== undefined) {
          throw refusal(requireSudo);
        }
        const failure = attempt({ ...context, origin: { kind: 'root' } }, bind, call);
        context.state.emit(runtime.sudo.events.sudid, {
          sudo_result:
            failure === null ? { kind: 'Ok', value: { 0: [] } } : { kind: 'Err', value: { 0: failure.error } },
        });
      },
    }),
  ];
}
