import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls as calls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { stakeOf } from '../staking/shares.ts';
import { addStake, removeStake, transition } from '../staking/stake.ts';

const ROOT_NETUID = 0;
const pays = { paysFee: true, refTime: 340_000_000n } as const;

const own = (context: Context, hotkey: Hex, netuid: number) => ({ hotkey, coldkey: signer(context), netuid });
const limitOf = (args: { readonly limit_price: bigint; readonly allow_partial: boolean }) => ({
  price: args.limit_price,
  partial: args.allow_partial,
});

/** Takes everything that the signer has on a hotkey; what was on subnets goes to root, where `toRoot` says so. */
function unstakeAll(context: Context, hotkey: Hex, toRoot: boolean): void {
  const { state } = context;
  const netuids = Array.from({ length: state.get(subnet.totalNetworks) }, (_, netuid) => netuid)
    .filter((netuid) => state.get(subnet.networksAdded, netuid) && !(toRoot && netuid === ROOT_NETUID))
    .filter((netuid) => stakeOf(state, own(context, hotkey, netuid)) > 0n);
  if (state.read(neurons.owner.key(hotkey)) === null) throw refusal(errors.HotKeyAccountNotExists);
  if (netuids.length === 0) throw refusal(errors.AmountTooLow);
  let tao = 0n;
  for (const netuid of netuids) {
    const position = own(context, hotkey, netuid);
    tao += removeStake(state, position, stakeOf(state, position), null);
  }
  if (toRoot) addStake(state, own(context, hotkey, ROOT_NETUID), tao, null);
}

export const stakingHandlers: readonly Handler[] = [
  handler(calls.addStake, {
    ...pays,
    run: (context, { hotkey, netuid, amount_staked: amount }) =>
      addStake(context.state, own(context, hotkey, netuid), amount, null),
  }),
  handler(calls.addStakeLimit, {
    ...pays,
    run: (context, { hotkey, netuid, amount_staked: amount, ...limit }) =>
      addStake(context.state, own(context, hotkey, netuid), amount, limitOf(limit)),
  }),
  handler(calls.removeStake, {
    ...pays,
    run: (context, { hotkey, netuid, amount_unstaked: amount }) => {
      removeStake(context.state, own(context, hotkey, netuid), amount, null);
    },
  }),
  handler(calls.removeStakeLimit, {
    ...pays,
    run: (context, { hotkey, netuid, amount_unstaked: amount, ...limit }) => {
      removeStake(context.state, own(context, hotkey, netuid), amount, limitOf(limit));
    },
  }),
  handler(calls.removeStakeFullLimit, {
    ...pays,
    run: (context, { hotkey, netuid, limit_price: price }) => {
      const position = own(context, hotkey, netuid);
      const limit = price === null ? null : { price, partial: false };
      removeStake(context.state, position, stakeOf(context.state, position), limit);
    },
  }),
  handler(calls.unstakeAll, { ...pays, run: (context, { hotkey }) => unstakeAll(context, hotkey, false) }),
  handler(calls.unstakeAllAlpha, { ...pays, run: (context, { hotkey }) => unstakeAll(context, hotkey, true) }),
  handler(calls.moveStake, {
    ...pays,
    run: (context, args) => {
      const from = own(context, args.origin_hotkey, args.origin_netuid);
      const to = own(context, args.destination_hotkey, args.destination_netuid);
      const tao = transition(context.state, from, to, args.alpha_amount, null);
      context.state.emit(events.stakeMoved, {
        0: from.coldkey,
        1: from.hotkey,
        2: from.netuid,
        3: to.hotkey,
        4: to.netuid,
        5: tao,
      });
    },
  }),
  handler(calls.transferStake, {
    ...pays,
    run: (context, args) => {
      const from = own(context, args.hotkey, args.origin_netuid);
      const to = { hotkey: args.hotkey, coldkey: args.destination_coldkey, netuid: args.destination_netuid };
      const tao = transition(context.state, from, to, args.alpha_amount, null);
      context.state.emit(events.stakeTransferred, {
        0: from.coldkey,
        1: to.coldkey,
        2: from.hotkey,
        3: from.netuid,
        4: to.netuid,
        5: tao,
      });
    },
  }),
  handler(calls.swapStake, { ...pays, run: (context, args) => swap(context, args, null) }),
  handler(calls.swapStakeLimit, { ...pays, run: (context, args) => swap(context, args, limitOf(args)) }),
  handler(calls.tryAssociateHotkey, {
    ...pays,
    run: (context, { hotkey }) => {
      const coldkey = signer(context);
      // A hotkey that somebody has already stays as it is, and nobody is told.
      if (context.state.read(neurons.owner.key(hotkey)) !== null) return;
      context.state.set(neurons.owner, [hotkey], coldkey);
      const owned = context.state.get(neurons.ownedHotkeys, coldkey);
      context.state.set(neurons.ownedHotkeys, [coldkey], [...owned, hotkey]);
    },
  }),
];

interface Swap {
  readonly hotkey: Hex;
  readonly origin_netuid: number;
  readonly destination_netuid: number;
  readonly alpha_amount: bigint;
}

function swap(context: Context, args: Swap, limit: Parameters<typeof transition>[4]): void {
  const from = own(context, args.hotkey, args.origin_netuid);
  const to = own(context, args.hotkey, args.destination_netuid);
  const tao = transition(context.state, from, to, args.alpha_amount, limit);
  context.state.emit(events.stakeSwapped, { 0: from.coldkey, 1: from.hotkey, 2: from.netuid, 3: to.netuid, 4: tao });
}
