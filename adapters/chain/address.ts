import { blake2AsU8a } from '@polkadot/util-crypto';
import { type Hotkey, hotkey } from '../../domain/units.ts';

/**
 * Addresses of accounts. A snapshot has two for each neuron, and the library's base 58, made for bytes of any length,
 * took most of the time in which a snapshot is decoded (bench/README.md).
 */

const digits = new TextEncoder().encode('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz');
const hashPrefix = new TextEncoder().encode('SS58PRE');
/** The one that Bittensor uses: of generic Substrate accounts. */
const networkPrefix = 42;
const keyBytes = 32;
/** Digits that come out of one division: a remainder of it times a limb of 16 bits is still an exact number. */
const digitsAtOnce = 5;
const divisor = 58 ** digitsAtOnce;
/** Of prefix, key and two bytes of checksum in base 58: the prefix makes them as many for every key. */
const addressDigits = 48;

/** The SS58 address of a 32-byte public key. */
export function addressOf(publicKey: Uint8Array): Hotkey {
  const hashed = new Uint8Array(hashPrefix.length + 1 + keyBytes);
  hashed.set(hashPrefix);
  hashed[hashPrefix.length] = networkPrefix;
  hashed.set(publicKey, hashPrefix.length + 1);
  const checksum = blake2AsU8a(hashed, 512);
  return hotkey(String.fromCharCode(...base58(limbsOf(hashed.subarray(hashPrefix.length), checksum))));
}

/** Prefix, key and checksum as one number, in limbs of 16 bits, the most significant one first. */
function limbsOf(prefixed: Uint8Array, checksum: Uint8Array): Int32Array {
  // 35 bytes: the first limb is the prefix alone.
  const limbs = new Int32Array(1 + keyBytes / 2 + 1);
  limbs[0] = prefixed[0] ?? 0;
  for (let i = 1; i <= keyBytes / 2; i++) limbs[i] = ((prefixed[2 * i - 1] ?? 0) << 8) | (prefixed[2 * i] ?? 0);
  limbs[limbs.length - 1] = ((checksum[0] ?? 0) << 8) | (checksum[1] ?? 0);
  return limbs;
}

/** Divides the limbs away, five digits at a time, from the last digits to the first. */
function base58(limbs: Int32Array): Uint8Array {
  const text = new Uint8Array(addressDigits);
  let first = 0;
  for (let end = addressDigits; end > 0; end -= digitsAtOnce) {
    let rest = 0;
    for (let i = first; i < limbs.length; i++) {
      const value = rest * 65_536 + (limbs[i] ?? 0);
      const quotient = Math.floor(value / divisor);
      limbs[i] = quotient;
      rest = value - quotient * divisor;
    }
    while (limbs[first] === 0) first++;
    for (let place = end - 1; place >= Math.max(0, end - digitsAtOnce); place--) {
      const digit = rest % 58;
      text[place] = digits[digit] ?? 0;
      rest = (rest - digit) / 58;
    }
  }
  return text;
}
