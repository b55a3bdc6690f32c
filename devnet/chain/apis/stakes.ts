import type { Hex } from '../../../domain/units.ts';
import type { StakeInfo } from '../declaration/apis/stake-info.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { stakeOf } from '../runtime/staking/shares.ts';
import type { ValueOf } from '../scale/codec.ts';
import type { StateReader } from '../state/state.ts';
import type { Register } from './register.ts';
import { netuidsOf } from './subnets.ts';

type Stake = ValueOf<typeof StakeInfo>;

export function answerStakes(methods: RuntimeDeclaration['methods'], answer: Register): void {
  answer(methods.stakesOfColdkey, ({ coldkey_account: coldkey }, state) => stakesOf(state, coldkey));
  answer(methods.stakesOfColdkeys, ({ coldkey_accounts: coldkeys }, state) =>
    coldkeys.map((coldkey) => [coldkey, stakesOf(state, coldkey)] as const),
  );
  answer(methods.stake, ({ hotkey_account: hotkey, coldkey_account: coldkey, netuid }, state) =>
    stakeInfo(state, hotkey, coldkey, netuid),
  );
  answer(methods.stakeFee, () => 0n);
  // No call of this chain locks stake.
  answer(methods.coldkeyLock, () => null);
  answer(methods.hotkeyConviction, () => ({ bits: 0n }));
  answer(methods.mostConvicted, () => null);
}

/** Everything that a coldkey has staked, in the order of its hotkeys. */
function stakesOf(state: StateReader, coldkey: Hex): Stake[] {
  const hotkeys = new Set([...state.get(neurons.ownedHotkeys, coldkey), ...state.get(neurons.stakingHotkeys, coldkey)]);
  return [...hotkeys].flatMap((hotkey) =>
    netuidsOf(state)
      .map((netuid) => stakeInfo(state, hotkey, coldkey, netuid))
      .filter(({ stake }) => stake > 0n),
  );
}

function stakeInfo(state: StateReader, hotkey: Hex, coldkey: Hex, netuid: number): Stake {
  return {
    hotkey,
    coldkey,
    netuid,
    stake: stakeOf(state, { hotkey, coldkey, netuid }),
    locked: 0n,
    emission: 0n,
    tao_emission: 0n,
    drain: 0n,
    is_registered: state.get(neurons.uids, netuid, hotkey) !== null,
  };
}
