import type { Hex } from '../../../domain/units.ts';
import type { DelegateInfo } from '../declaration/apis/delegate-info.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { hotkeysOf } from '../runtime/epoch.ts';
import type { ValueOf } from '../scale/codec.ts';
import type { StateReader } from '../state/state.ts';
import type { Register } from './register.ts';
import { stakeOf } from './stakes.ts';
import { netuidsOf } from './subnets.ts';

type Delegate = ValueOf<typeof DelegateInfo>;

/** Every hotkey that is registered takes stake. */
export function answerDelegates(methods: RuntimeDeclaration['methods'], answer: Register): void {
  const all = (state: StateReader): Delegate[] => {
    const hotkeys = new Set(netuidsOf(state).flatMap((netuid) => hotkeysOf(state, netuid)));
    return [...hotkeys].map((hotkey) => delegateInfo(state, hotkey));
  };
  answer(methods.delegates, (_, state) => all(state));
  answer(methods.delegate, ({ delegate_account: hotkey }, state) => {
    const found = delegateInfo(state, hotkey);
    return found.registrations.length > 0 ? found : null;
  });
  answer(methods.delegated, ({ delegatee_account: coldkey }, state) =>
    all(state).flatMap((delegate) =>
      delegate.nominators
        .filter(([nominator]) => nominator === coldkey)
        .flatMap(([, stakes]) => stakes.map((stake) => [delegate, stake] as const)),
    ),
  );
}

function delegateInfo(state: StateReader, hotkey: Hex): Delegate {
  const owner = state.get(neurons.owner, hotkey);
  const places = netuidsOf(state).flatMap((netuid) => {
    const uid = state.get(neurons.uids, netuid, hotkey);
    return uid === null ? [] : [{ netuid, permit: state.get(neurons.validatorPermit, netuid)[uid] ?? false }];
  });
  const stakes = netuidsOf(state)
    .map((netuid) => [netuid, stakeOf(state, hotkey, owner, netuid)] as const)
    .filter(([, stake]) => stake > 0n);
  return {
    delegate_ss58: hotkey,
    take: state.get(neurons.delegates, hotkey),
    nominators: stakes.length === 0 ? [] : [[owner, stakes]],
    owner_ss58: owner,
    registrations: places.map(({ netuid }) => netuid),
    validator_permits: places.filter(({ permit }) => permit).map(({ netuid }) => netuid),
    return_per_1000: 0n,
    total_daily_return: 0n,
  };
}
