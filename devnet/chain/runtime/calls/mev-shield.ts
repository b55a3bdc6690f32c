import { u8aEq } from '@polkadot/util';
import { xxhashAsU8a } from '@polkadot/util-crypto';
import { mevShield, mevShieldCalls } from '../../declaration/pallets/mev-shield.ts';
import { DispatchFailure } from '../failure.ts';
import { type Context, type Handler, handler } from '../handler.ts';

/** Key hash 16, length of the encapsulated key 2, that key, nonce 24, and a tag of 16 at least. */
const KEY_HASH_BYTES = 16;
const FRAME_BYTES = 18;
const NONCE_AND_TAG_BYTES = 40;

const UNPARSABLE = 23;
const WRONG_KEY = 24;

function isWellFormed(ciphertext: Uint8Array): boolean {
  if (ciphertext.length < FRAME_BYTES) return false;
  const { buffer, byteOffset, length } = ciphertext;
  const keyBytes = new DataView(buffer, byteOffset, length).getUint16(KEY_HASH_BYTES, true);
  return length >= FRAME_BYTES + keyBytes + NONCE_AND_TAG_BYTES;
}

/**
 * What the shield's extension looks at before it takes a transaction. The chain opens none: nothing that Ostinato sends
 * goes through the shield, and its refusals are what a client has to know.
 */
function checkEnvelope({ state }: Context, ciphertext: Uint8Array): void {
  if (!isWellFormed(ciphertext)) throw DispatchFailure.custom(UNPARSABLE);
  const named = ciphertext.subarray(0, KEY_HASH_BYTES);
  const keys = [mevShield.currentKey, mevShield.nextKey].map((entry) => state.get(entry));
  if (!keys.some((key) => key !== null && u8aEq(xxhashAsU8a(key, 128), named))) {
    throw DispatchFailure.custom(WRONG_KEY);
  }
}

export const mevShieldHandlers: readonly Handler[] = [
  handler(mevShieldCalls.submitEncrypted, {
    paysFee: true,
    refTime: 100_000_000n,
    check: (context, { ciphertext }) => checkEnvelope(context, ciphertext),
    run: () => undefined,
  }),
];
