import type { Hex } from '../../../../domain/units.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import type { State, StateReader } from '../../state/state.ts';

/** A coldkey's part of what lies on a hotkey of a subnet. */
export interface Position {
  readonly hotkey: Hex;
  readonly coldkey: Hex;
  readonly netuid: number;
}

const numberOf = ({ mantissa, exponent }: { readonly mantissa: bigint; readonly exponent: bigint }): bigint =>
  exponent >= 0n ? mantissa * 10n ** exponent : mantissa / 10n ** -exponent;

/**
 * Alpha that a coldkey has on a hotkey: its share of the hotkey's total. A total that nobody has shares of, as when it
 * was put into storage, is its owner's.
 */
export function stakeOf(state: StateReader, { hotkey, coldkey, netuid }: Position): bigint {
  const total = state.get(neurons.totalHotkeyAlpha, hotkey, netuid);
  const shares = numberOf(state.get(neurons.totalHotkeySharesV2, hotkey, netuid));
  if (shares === 0n) return state.get(neurons.owner, hotkey) === coldkey ? total : 0n;
  return (total * numberOf(state.get(neurons.alphaV2, hotkey, coldkey, netuid))) / shares;
}

/** Changes what a coldkey has on a hotkey, its share and the totals with it; nobody else's part changes. */
export function changeStake(state: State, position: Position, delta: bigint): void {
  const { hotkey, coldkey, netuid } = position;
  const total = state.get(neurons.totalHotkeyAlpha, hotkey, netuid);
  let shares = numberOf(state.get(neurons.totalHotkeySharesV2, hotkey, netuid));
  if (shares === 0n && total > 0n) {
    setShare(state, { hotkey, coldkey: state.get(neurons.owner, hotkey), netuid }, total);
    shares = total;
  }
  const own = numberOf(state.get(neurons.alphaV2, hotkey, coldkey, netuid));
  // Whoever takes all of its own out leaves no rounding behind.
  const all = delta < 0n && -delta >= stakeOf(state, position);
  const change = all ? -own : total === 0n ? delta : (delta * shares) / total;
  state.set(neurons.totalHotkeyAlpha, [hotkey, netuid], total + delta);
  state.set(neurons.totalHotkeySharesV2, [hotkey, netuid], { mantissa: shares + change, exponent: 0n });
  setShare(state, position, own + change);
  const staking = state.get(neurons.stakingHotkeys, coldkey);
  if (!staking.includes(hotkey)) state.set(neurons.stakingHotkeys, [coldkey], [...staking, hotkey]);
}

function setShare(state: State, { hotkey, coldkey, netuid }: Position, share: bigint): void {
  if (share === 0n) state.remove(neurons.alphaV2, hotkey, coldkey, netuid);
  else state.set(neurons.alphaV2, [hotkey, coldkey, netuid], { mantissa: share, exponent: 0n });
}
