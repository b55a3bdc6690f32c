import type { Hex } from '../../../../domain/units.ts';
import type { CallArgs } from '../../declaration/pallet.ts';
import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';

const LOOPBACK_V4 = 0x7f00_0001n;
const LAST_V4 = 0xffff_ffffn;
const LOOPBACK_V6 = 1n;
const LAST_V6 = (1n << 128n) - 1n;

/** Private ranges pass, as on the real chain; of the loopback only the first address is barred. */
const validAddress = (ip: bigint, type: number): boolean =>
  type === 4 ? ip < LAST_V4 && ip !== LOOPBACK_V4 : ip !== LOOPBACK_V6 && ip !== LAST_V6;

interface Endpoint {
  readonly netuid: number;
  readonly ip: bigint;
  readonly port: number;
  readonly ip_type: number;
}

/** The pool's checks, in its order; `last` is the block of the signer's last endpoint of this kind. */
function check(context: Context, args: Endpoint, last: (who: Hex) => bigint): void {
  if (context.origin.kind !== 'signed') return;
  const { state, block } = context;
  const { who } = context.origin;
  if (state.get(neurons.uids, args.netuid, who) === null) throw refusal(errors.HotKeyNotRegisteredInNetwork);
  if (args.ip_type !== 4 && args.ip_type !== 6) throw refusal(errors.InvalidIpType);
  if (!validAddress(args.ip, args.ip_type)) throw refusal(errors.InvalidIpAddress);
  const limit = state.get(hyperparameters.servingRateLimit, args.netuid);
  const served = last(who);
  if (limit > 0n && served > 0n && BigInt(block) - served < limit) throw refusal(errors.ServingRateLimitExceeded);
  if (args.port === 0) throw refusal(errors.InvalidPort);
}

const checkAxon = (context: Context, args: Endpoint): void =>
  check(context, args, (who) => context.state.get(neurons.axons, args.netuid, who)?.block ?? 0n);

type Axon = CallArgs<typeof subtensorCalls.serveAxon>;

function serve(context: Context, { netuid, ...axon }: Axon): void {
  const who = signer(context);
  context.state.set(neurons.axons, [netuid, who], { block: BigInt(context.block), ...axon });
  context.state.emit(subtensorEvents.axonServed, { 0: netuid, 1: who });
}

const free = { paysFee: false, refTime: 35_000_000n } as const;
const MAX_CERTIFICATE_KEY_BYTES = 64;

export const axonHandlers: readonly Handler[] = [
  handler(subtensorCalls.serveAxon, { ...free, check: checkAxon, run: serve }),
  handler(subtensorCalls.serveAxonTls, {
    ...free,
    check: checkAxon,
    run: (context, { certificate, ...args }) => {
      const [algorithm, ...key] = certificate;
      // A certificate that is none is passed over; the axon is served all the same.
      if (algorithm !== undefined && key.length > 0 && key.length <= MAX_CERTIFICATE_KEY_BYTES) {
        const value = { public_key: Uint8Array.from(key), algorithm };
        context.state.set(neurons.neuronCertificates, [args.netuid, signer(context)], value);
      }
      serve(context, args);
    },
  }),
  handler(subtensorCalls.servePrometheus, {
    ...free,
    check: (context, args) =>
      check(context, args, (who) => context.state.get(neurons.prometheus, args.netuid, who)?.block ?? 0n),
    run: (context, { netuid, ...prometheus }) => {
      const who = signer(context);
      context.state.set(neurons.prometheus, [netuid, who], { block: BigInt(context.block), ...prometheus });
      context.state.emit(subtensorEvents.prometheusServed, { 0: netuid, 1: who });
    },
  }),
];
