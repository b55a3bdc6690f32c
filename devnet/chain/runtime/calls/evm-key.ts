import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { keccakAsU8a } from '@polkadot/util-crypto';
import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents } from '../../declaration/pallets/subtensor-events.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { encode } from '../../scale/codec.ts';
import { u64 } from '../../scale/primitive.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';

/** A day of blocks between two keys of one neuron. */
const RATE_LIMIT_BLOCKS = 7_200n;

/** What a wallet of Ethereum signs: the hotkey, and the hash of a block's number, under the usual prefix. */
function signedHash(hotkey: Hex, blockNumber: bigint): Uint8Array {
  const message = u8aConcat(hexToU8a(hotkey), keccakAsU8a(encode(u64, blockNumber)));
  return keccakAsU8a(u8aConcat(new TextEncoder().encode(`\x19Ethereum Signed Message:\n${message.length}`), message));
}

function addressOf(hash: Uint8Array, signature: Uint8Array): Hex | null {
  const recovery = (signature[64] ?? 0) % 27;
  try {
    const parsed = secp256k1.Signature.fromCompact(signature.subarray(0, 64)).addRecoveryBit(recovery);
    const key = parsed.recoverPublicKey(hash).toRawBytes(false);
    return u8aToHex(keccakAsU8a(key.subarray(1)).subarray(12));
  } catch {
    return null; // no point of the curve
  }
}

function uidFor({ state, block, ...context }: Context, netuid: number): number {
  const uid = state.get(neurons.uids, netuid, signer({ state, block, ...context }));
  if (uid === null) throw refusal(errors.HotKeyNotRegisteredInSubNet);
  const known = state.get(neurons.associatedEvmAddress, netuid, uid);
  if (known !== null && BigInt(block) - known[1] < RATE_LIMIT_BLOCKS) {
    throw refusal(errors.EvmKeyAssociateRateLimitExceeded);
  }
  return uid;
}

export const evmKeyHandlers: readonly Handler[] = [
  handler(subtensorCalls.associateEvmKey, {
    paysFee: true,
    refTime: 100_000_000n,
    check: (context, { netuid }) => {
      uidFor(context, netuid);
    },
    run: (context, { netuid, evm_key: key, block_number: number, signature }) => {
      const { state, block } = context;
      const uid = uidFor(context, netuid);
      const hotkey = signer(context);
      const address = addressOf(signedHash(hotkey, number), signature);
      if (address === null) throw refusal(errors.UnableToRecoverPublicKey);
      if (address !== key) throw refusal(errors.InvalidRecoveredPublicKey);
      state.set(neurons.associatedEvmAddress, [netuid, uid], [key, BigInt(block)]);
      state.emit(subtensorEvents.evmKeyAssociated, { netuid, hotkey, evm_key: key, block_associated: BigInt(block) });
    },
  }),
];
