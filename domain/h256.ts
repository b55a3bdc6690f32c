import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** A part of {@link h256Int}: text, or an integer, which is written in decimal. */
export type HashPart = string | number | bigint;

const terminator = Uint8Array.of(0);

/**
 * The originals' hash primitive: SHA-256 over each part's text followed by one zero byte, read as a big-endian
 * 256-bit integer. Compare the results as bigints; as numbers they would collide.
 *
 * A fraction is refused, because the originals' text form of one ("1.0") is not JavaScript's.
 */
export function h256Int(...parts: readonly HashPart[]): bigint {
  const pieces = parts.flatMap((part) => {
    if (typeof part === 'number' && !Number.isSafeInteger(part)) throw new RangeError(`${part} is not an integer`);
    return [utf8ToBytes(String(part)), terminator];
  });
  return BigInt(`0x${bytesToHex(sha256(concatBytes(...pieces)))}`);
}
