import { hexToU8a, u8aToHex } from '@polkadot/util';
import type { Hex } from '../../../domain/units.ts';
import type { DelegateInfo } from '../declaration/apis/delegate-info.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { hotkeysOf } from '../runtime/epoch.ts';
import { stakeOf } from '../runtime/staking/shares.ts';
import type { ValueOf } from '../scale/codec.ts';
import type { ListedState } from './listed-state.ts';
import type { Register } from './register.ts';
import { netuidsOf } from './subnets.ts';

type Delegate = ValueOf<typeof DelegateInfo>;

/** Every hotkey that is registered takes stake. */
export function answerDelegates(methods: RuntimeDeclaration['methods'], answer: Register): void {
  const all = (state: ListedState): Delegate[] => {
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

function delegateInfo(state: ListedState, hotkey: Hex): Delegate {
  const places = netuidsOf(state).flatMap((netuid) => {
    const uid = state.get(neurons.uids, netuid, hotkey);
    return uid === null ? [] : [{ netuid, permit: state.get(neurons.validatorPermit, netuid)[uid] ?? false }];
  });
  return {
    delegate_ss58: hotkey,
    take: state.get(neurons.delegates, hotkey),
    nominators: nominatorsOf(state, hotkey),
    owner_ss58: state.get(neurons.owner, hotkey),
    registrations: places.map(({ netuid }) => netuid),
    validator_permits: places.filter(({ permit }) => permit).map(({ netuid }) => netuid),
    return_per_1000: 0n,
    total_daily_return: 0n,
  };
}

/** Where a key of `AlphaV2` has the coldkey: after two prefixes, the hotkey with its hash, and the coldkey's hash. */
const COLDKEY_AT = 32 + 48 + 16;

/** Everybody who has stake on a hotkey, with the amounts by subnet. */
function nominatorsOf(state: ListedState, hotkey: Hex): Delegate['nominators'] {
  const holders = state
    .keys(neurons.alphaV2.prefix(hotkey))
    .map((key) => u8aToHex(hexToU8a(key).slice(COLDKEY_AT, COLDKEY_AT + 32)));
  return [...new Set([state.get(neurons.owner, hotkey), ...holders])].flatMap((coldkey) => {
    const stakes = netuidsOf(state)
      .map((netuid) => [netuid, stakeOf(state, { hotkey, coldkey, netuid })] as const)
      .filter(([, stake]) => stake > 0n);
    return stakes.length === 0 ? [] : [[coldkey, stakes] as const];
  });
}
