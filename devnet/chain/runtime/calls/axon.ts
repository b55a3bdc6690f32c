import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { refusal } from '../failure.ts';
import { type Handler, handler, signer } from '../handler.ts';

const LOOPBACK_V4 = 0x7f00_0001n;
const LAST_V4 = 0xffff_ffffn;
const LOOPBACK_V6 = 1n;
const LAST_V6 = (1n << 128n) - 1n;

/** Private ranges pass, as on the real chain; of the loopback only the first address is barred. */
const validAddress = (ip: bigint, type: number): boolean =>
  type === 4 ? ip < LAST_V4 && ip !== LOOPBACK_V4 : ip !== LOOPBACK_V6 && ip !== LAST_V6;

export const axonHandlers: readonly Handler[] = [
  handler(subtensorCalls.serveAxon, {
    paysFee: false,
    refTime: 35_000_000n,
    check: (context, args) => {
      if (context.origin.kind !== 'signed') return;
      const { state, block } = context;
      const { who } = context.origin;
      if (state.get(neurons.uids, args.netuid, who) === null)
        throw refusal(subtensorErrors.HotKeyNotRegisteredInNetwork);
      if (args.ip_type !== 4 && args.ip_type !== 6) throw refusal(subtensorErrors.InvalidIpType);
      if (!validAddress(args.ip, args.ip_type)) throw refusal(subtensorErrors.InvalidIpAddress);
      const limit = state.get(hyperparameters.servingRateLimit, args.netuid);
      const last = state.get(neurons.axons, args.netuid, who)?.block ?? 0n;
      if (limit > 0n && last > 0n && BigInt(block) - last < limit)
        throw refusal(subtensorErrors.ServingRateLimitExceeded);
      if (args.port === 0) throw refusal(subtensorErrors.InvalidPort);
    },
    run: (context, { netuid, ...axon }) => {
      const who = signer(context);
      context.state.set(neurons.axons, [netuid, who], { block: BigInt(context.block), ...axon });
      context.state.emit(subtensorEvents.axonServed, { 0: netuid, 1: who });
    },
  }),
];
