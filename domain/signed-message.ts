import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';

/** Bytes of an sr25519 public key, and of the tensor hash. */
const publicKeyBytes = 32;
const signatureBytes = 64;

/** Whether a value is a tensor hash: 24 bytes as lower-case hex. */
export const isModelHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{48}$/.test(value);

/**
 * What a request binds itself to: whom it is for and when it was made. 40 bytes, the target's public key and the block
 * as unsigned 64-bit big-endian. This alone is what a download signs.
 */
export function blockMessage(targetPublicKey: Uint8Array, block: number): Uint8Array {
  if (targetPublicKey.length !== publicKeyBytes) throw new RangeError('a public key has 32 bytes');
  const message = new Uint8Array(publicKeyBytes + 8);
  message.set(targetPublicKey);
  new DataView(message.buffer).setBigUint64(publicKeyBytes, BigInt(block), false);
  return message;
}

/** What a download request signs. */
export const downloadMessage = blockMessage;

/** What an upload signs: the tensor hash's 24 bytes, then the block message. 64 bytes. */
export const uploadMessage = (modelHash: string, targetPublicKey: Uint8Array, block: number): Uint8Array =>
  concatBytes(hexToBytes(modelHash), blockMessage(targetPublicKey, block));

/** What MinerCommit1 and ValidatorCommit1 sign: the hash's hex text, and not its bytes. */
export const commitMessage = (modelHash: string): Uint8Array => utf8ToBytes(modelHash);

/** The lower-case hex of a block message, which an upload carries as `block_hex`. */
export const messageHex = (message: Uint8Array): string => bytesToHex(message);

/** A signature as text: base64url without padding, 86 characters. */
export const encodeSignature = (signature: Uint8Array): string => encodeBase64Url(signature);

/**
 * The 64 bytes of a signature's text: base64url, padded or not, or hex, as the first of the originals sent it. Their
 * lengths tell the two apart. Null for anything else.
 */
export function decodeSignature(text: string): Uint8Array | null {
  if (/^(0x)?[0-9a-fA-F]{128}$/.test(text)) return hexToBytes(text.replace(/^0x/, ''));
  const bytes = decodeBase64Url(text);
  return bytes?.length === signatureBytes ? bytes : null;
}
