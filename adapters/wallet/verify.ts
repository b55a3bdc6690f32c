import { decodeAddress, sr25519Verify } from '@polkadot/util-crypto';
import type { Hotkey } from '../../domain/units.ts';

/** The 32-byte public key of a hotkey. Throws for what is no address. */
export const publicKeyOf = (hotkey: string): Uint8Array => decodeAddress(hotkey);

/** sr25519, context "substrate", over the message as it is; false for anything malformed. Needs `cryptoWaitReady`. */
export function verifySignature(message: Uint8Array, signature: Uint8Array, hotkey: Hotkey | string): boolean {
  try {
    return signature.length === 64 && sr25519Verify(message, signature, publicKeyOf(hotkey));
  } catch {
    return false;
  }
}
