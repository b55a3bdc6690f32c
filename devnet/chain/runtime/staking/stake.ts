import type { Hex } from '../../../../domain/units.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { State, StateReader } from '../../state/state.ts';
import { burn, canPay, mint } from '../accounts.ts';
import { refusal } from '../failure.ts';
import { buy, mostAlpha, mostTao, sell, taoFor } from './pool.ts';
import { changeStake, type Position, stakeOf } from './shares.ts';

/** Less than this is not worth a stake; the runtime's InitialMinStake. */
const MIN_STAKE_RAO = 2_000_000n;
const ROOT_NETUID = 0;

export interface Limit {
  /** Rao for one alpha, reached at the end of the trade. */
  readonly price: bigint;
  /** Whether as much as stays within the price is traded, or nothing. */
  readonly partial: boolean;
}

function ensureTraded(state: StateReader, netuid: number): void {
  if (!state.get(subnet.networksAdded, netuid)) throw refusal(errors.SubnetNotExists);
  const open = netuid === ROOT_NETUID || state.get(hyperparameters.subtokenEnabled, netuid);
  if (!open) throw refusal(errors.SubtokenDisabled);
}

function ensureHotkey(state: StateReader, hotkey: Hex): void {
  if (state.read(neurons.owner.key(hotkey)) === null) throw refusal(errors.HotKeyAccountNotExists);
}

/** What of an amount a limit lets through. */
function within(amount: bigint, most: bigint, limit: Limit | null): bigint {
  if (limit === null || amount <= most) return amount;
  if (!limit.partial || most === 0n) throw refusal(errors.SlippageTooHigh);
  return most;
}

export function addStake(state: State, position: Position, wanted: bigint, limit: Limit | null): void {
  const { coldkey, hotkey, netuid } = position;
  ensureTraded(state, netuid);
  const tao = within(wanted, limit === null ? 0n : mostTao(state, netuid, limit.price), limit);
  if (tao < MIN_STAKE_RAO) throw refusal(errors.AmountTooLow);
  if (!canPay(state, coldkey, tao)) throw refusal(errors.NotEnoughBalanceToStake);
  ensureHotkey(state, hotkey);
  burn(state, coldkey, tao);
  const alpha = buy(state, netuid, tao);
  changeStake(state, position, alpha);
  state.emit(events.stakeAdded, { 0: coldkey, 1: hotkey, 2: tao, 3: alpha, 4: netuid, 5: 0n });
}

export function removeStake(state: State, position: Position, wanted: bigint, limit: Limit | null): bigint {
  const { coldkey, hotkey, netuid } = position;
  ensureTraded(state, netuid);
  const alpha = within(wanted, limit === null ? 0n : mostAlpha(state, netuid, limit.price), limit);
  // Taking everything out is never too little.
  const all = alpha === stakeOf(state, position);
  if (!all && taoFor(state, netuid, alpha) < MIN_STAKE_RAO) throw refusal(errors.AmountTooLow);
  if (alpha === 0n) throw refusal(errors.AmountTooLow);
  ensureHotkey(state, hotkey);
  if (stakeOf(state, position) < alpha) throw refusal(errors.NotEnoughStakeToWithdraw);
  changeStake(state, position, -alpha);
  const tao = sell(state, netuid, alpha);
  mint(state, coldkey, tao);
  state.emit(events.stakeRemoved, { 0: coldkey, 1: hotkey, 2: tao, 3: alpha, 4: netuid, 5: 0n });
  return tao;
}

/** Moves alpha between positions, through both pools where the subnets differ; gives the TAO that it was worth. */
export function transition(state: State, from: Position, to: Position, wanted: bigint, limit: Limit | null): bigint {
  if (from.coldkey === to.coldkey && from.hotkey === to.hotkey && from.netuid === to.netuid)
    throw refusal(errors.SameNetuid);
  ensureTraded(state, from.netuid);
  ensureTraded(state, to.netuid);
  ensureHotkey(state, from.hotkey);
  ensureHotkey(state, to.hotkey);
  if (stakeOf(state, from) < wanted) throw refusal(errors.NotEnoughStakeToWithdraw);
  if (
    from.coldkey !== to.coldkey &&
    [from, to].some(({ netuid }) => !state.get(hyperparameters.transferToggle, netuid))
  )
    throw refusal(errors.TransferDisallowed);
  const same = from.netuid === to.netuid;
  const alpha = same ? wanted : within(wanted, limit === null ? 0n : mostAlpha(state, from.netuid, limit.price), limit);
  const worth = taoFor(state, from.netuid, alpha);
  if (worth < MIN_STAKE_RAO) throw refusal(errors.AmountTooLow);
  changeStake(state, from, -alpha);
  const tao = same ? worth : sell(state, from.netuid, alpha);
  const received = same ? alpha : buy(state, to.netuid, tao);
  changeStake(state, to, received);
  state.emit(events.stakeRemoved, { 0: from.coldkey, 1: from.hotkey, 2: tao, 3: alpha, 4: from.netuid, 5: 0n });
  state.emit(events.stakeAdded, { 0: to.coldkey, 1: to.hotkey, 2: tao, 3: received, 4: to.netuid, 5: 0n });
  return tao;
}
