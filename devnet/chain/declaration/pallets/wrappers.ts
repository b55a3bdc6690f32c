import type { Codec } from '../../scale/codec.ts';
import { vec } from '../../scale/composite.ts';
import { AccountId32, DispatchError, DispatchResult } from '../../scale/known.ts';
import { u32 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf } from '../storage.ts';

/**
 * Utility and Sudo carry calls inside calls. The codec of a call needs all pallets, these two among them, so it is
 * given to them; its value is the inner call's SCALE bytes.
 */
export function utilityPallet(runtimeCall: Codec<Uint8Array>) {
  const { call, event, errors, constant, pallet } = declarePallet('Utility', 11);
  const calls = {
    batch: call(0, 'batch', { calls: vec(runtimeCall) }),
    batchAll: call(2, 'batch_all', { calls: vec(runtimeCall) }),
    forceBatch: call(4, 'force_batch', { calls: vec(runtimeCall) }),
  };
  const events = {
    batchInterrupted: event(0, 'BatchInterrupted', { index: u32, error: DispatchError }),
    batchCompleted: event(1, 'BatchCompleted', {}),
    batchCompletedWithErrors: event(2, 'BatchCompletedWithErrors', {}),
    itemCompleted: event(3, 'ItemCompleted', {}),
    itemFailed: event(4, 'ItemFailed', { error: DispatchError }),
  };
  const declaration = pallet({
    calls,
    events,
    errors: errors('TooManyCalls', 'InvalidDerivedAccount'),
    constants: [constant('batched_calls_limit', u32, 10_922)],
  });
  return { calls, events, declaration };
}

export function sudoPallet(runtimeCall: Codec<Uint8Array>) {
  const { optional } = storageOf('Sudo');
  const { call, event, errors, pallet } = declarePallet('Sudo', 12);
  const storage = { key: optional('Key', AccountId32) };
  const calls = { sudo: call(0, 'sudo', { call: runtimeCall }) };
  const events = { sudid: event(0, 'Sudid', { sudo_result: DispatchResult }) };
  const declaration = pallet({ storage, calls, events, errors: errors('RequireSudo') });
  return { storage, calls, events, declaration };
}
