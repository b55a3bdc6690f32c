import { decodeAddress } from '@polkadot/util-crypto';
import { sr25519Verify } from '@polkadot/wasm-crypto';
import type { Hotkey } from '../../domain/units.ts';

/** The 32-byte public key of a hotkey. Throws for what is no address. */
export const publicKeyOf = (hotkey: string): Uint8Array => decodeAddress(hotkey);

/**
 * sr25519, context "substrate", over the message as it is; false for anything malformed. Needs `cryptoWaitReady`. By
 * the WASM of `@polkadot/wasm-crypto` itself: what `util-crypto` exports under this name is JavaScript, and takes eight
 * times as long (bench/README.md).
 */
export function verifySignature(message: Uint8Array, signature: Uint8Array, hotkey: Hotkey | string): boolean {
  try {
    return signature.length === 64 && sr25519Verify(signature, message, publicKeyOf(hotkey));
  } catch {
    return false;
  }
}
