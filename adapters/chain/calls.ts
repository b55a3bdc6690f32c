import type { GenericExtrinsic } from '@polkadot/types';
import type { AnyTuple, CallBase } from '@polkadot/types/types';
import { stringToU8a, u8aToHex } from '@polkadot/util';
import type { ChainCall } from '../../domain/chain-write.ts';
import { fail } from '../../domain/errors/error.ts';
import type { Hex, Netuid } from '../../domain/units.ts';
import { ipNumber } from './ip.ts';
import { callFunction, type Runtime } from './runtime.ts';

/** A call with everything resolved that depends on the block of use. */
export type ResolvedCall =
  | {
      readonly kind: 'set_weights';
      readonly netuid: Netuid;
      readonly mecid: number;
      readonly uids: readonly number[];
      readonly values: readonly number[];
      readonly versionKey: string;
    }
  | {
      readonly kind: 'commit_weights';
      readonly netuid: Netuid;
      readonly mecid: number;
      readonly hash: Hex;
    }
  | {
      readonly kind: 'commit_timelocked_weights';
      readonly netuid: Netuid;
      readonly mecid: number;
      readonly ciphertext: Uint8Array;
      readonly round: number;
      readonly version: number;
    }
  | Exclude<ChainCall, { kind: 'set_weights' }>;

type AnyCall = CallBase<AnyTuple>;

/** Longest text that fits the plain data variant; a longer one is a programming error, the chain would only trap. */
const rawBytes = 128;

/** The SDK's protocol number; nothing reads it. */
const axonProtocol = 4;

export function encodeCall(runtime: Runtime, call: ResolvedCall) {
  switch (call.kind) {
    case 'set_weights': {
      const { netuid, mecid, uids, values, versionKey } = call;
      // Mechanism 0 is what set_weights writes, and that call exists on every version.
      return mecid === 0
        ? callFunction(runtime, 'SubtensorModule', 'set_weights')(netuid, uids, values, versionKey)
        : callFunction(runtime, 'SubtensorModule', 'set_mechanism_weights')(netuid, mecid, uids, values, versionKey);
    }
    case 'commit_weights': {
      const { netuid, mecid, hash } = call;
      return mecid === 0
        ? callFunction(runtime, 'SubtensorModule', 'commit_weights')(netuid, hash)
        : callFunction(runtime, 'SubtensorModule', 'commit_mechanism_weights')(netuid, mecid, hash);
    }
    case 'reveal_weights': {
      const { netuid, mecid, uids, values, salt, versionKey } = call;
      return mecid === 0
        ? callFunction(runtime, 'SubtensorModule', 'reveal_weights')(netuid, uids, values, salt, versionKey)
        : callFunction(runtime, 'SubtensorModule', 'reveal_mechanism_weights')(
            netuid,
            mecid,
            uids,
            values,
            salt,
            versionKey,
          );
    }
    case 'commit_timelocked_weights': {
      const { netuid, mecid, round, version } = call;
      const ciphertext = u8aToHex(call.ciphertext);
      return mecid === 0
        ? callFunction(runtime, 'SubtensorModule', 'commit_timelocked_weights')(netuid, ciphertext, round, version)
        : callFunction(runtime, 'SubtensorModule', 'commit_timelocked_mechanism_weights')(
            netuid,
            mecid,
            ciphertext,
            round,
            version,
          );
    }
    case 'set_commitment': {
      const bytes = stringToU8a(call.text);
      if (bytes.length > rawBytes) throw fail('OST_CHAIN_CALL_INVALID', { detail: `${bytes.length} bytes committed` });
      // Always hex: a text that begins with 0x would be taken as hex by itself.
      const fields = [{ [`Raw${bytes.length}`]: u8aToHex(bytes) }];
      return callFunction(runtime, 'Commitments', 'set_commitment')(call.netuid, { fields });
    }
    case 'serve_axon': {
      const { value, version } = ipNumber(call.ip);
      const serve = callFunction(runtime, 'SubtensorModule', 'serve_axon');
      return serve(call.netuid, call.version, value, call.port, version, axonProtocol, 0, 0);
    }
  }
}

/** Whether an extrinsic is, or wraps, `pallet.method` signed by `signer` with the first argument `netuid`. */
export function holdsCommitment(extrinsic: GenericExtrinsic, signer: string, netuid: number): boolean {
  if (!extrinsic.isSigned) return false;
  return inside(extrinsic.method, extrinsic.signer.toString(), signer, netuid);
}

function inside(call: AnyCall, caller: string, signer: string, netuid: number): boolean {
  const name = `${call.section}.${call.method}`;
  if (name === 'commitments.setCommitment') return caller === signer && call.args[0]?.toString() === String(netuid);
  if (name === 'proxy.proxy') {
    const real = call.args[0]?.toString() ?? '';
    return nested(call).some((inner) => inside(inner, real, signer, netuid));
  }
  return nested(call).some((inner) => inside(inner, caller, signer, netuid));
}

/** The calls among a call's arguments, lists included (batches). */
function nested(call: AnyCall): readonly AnyCall[] {
  return call.args.flatMap((arg) => (Array.isArray(arg) ? [...arg] : [arg])).filter(isCall);
}

const isCall = (value: unknown): value is AnyCall =>
  typeof value === 'object' && value !== null && 'section' in value && 'method' in value && 'args' in value;
