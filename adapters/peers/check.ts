import { type PeerMessage, peerMessageBytes, type SignedPeerMessage, statementOf } from '../../domain/peers/message.ts';
import { decodeSignature } from '../../domain/signed-message.ts';
import type { Hotkey } from '../../domain/units.ts';

/** sr25519 over raw bytes; false, or thrown, for what is malformed. */
export type Verify = (message: Uint8Array, signature: Uint8Array, hotkey: Hotkey) => boolean;

/** Whether a message is its author's; false for everything malformed. */
export function isAuthentic(message: SignedPeerMessage, verify: Verify): boolean {
  const signature = decodeSignature(message.signature);
  if (signature === null) return false;
  try {
    return verify(peerMessageBytes(statementOf(message)), signature, message.from);
  } catch {
    return false;
  }
}

/** Signs a message with a key that is at hand; a deployment has its signing worker do it (purpose `peer`). */
export const signedBy = (message: PeerMessage, sign: (bytes: Uint8Array) => string): SignedPeerMessage => ({
  ...message,
  signature: sign(peerMessageBytes(statementOf(message))),
});
