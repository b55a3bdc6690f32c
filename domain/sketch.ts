import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';

/** Coordinates of an update that a sketch looks at. */
export const sketchSamples = 4096;
/** Bits of a sketch: 171 letters of text. Its cosine then has a standard error of 0.005 near the limit. */
export const sketchBits = 1024;

/**
 * Updates whose cosine is at least 0.98 count as one: acos(0.98) / π of the bits. Independent trainings from one base
 * stay well below (docs/training.md has what was measured); noise of a fifth of the update lies above.
 */
const nearBits = Math.floor((Math.acos(0.98) / Math.PI) * sketchBits);

/** xoshiro128**, seeded by a text: 32-bit numbers that are the same on every machine. */
function numbersFrom(text: string): () => number {
  const seed = new DataView(sha256(utf8ToBytes(text)).buffer);
  let [a, b, c, d] = [seed.getUint32(0), seed.getUint32(4), seed.getUint32(8), seed.getUint32(12) | 1];
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
}

/**
 * The coordinates of a group's tensors that all its sketches of a cycle look at, in ascending order. They follow from
 * the cycle's seed, which nobody knew while the models were trained: changing just these would be no help.
 *
 * @param elements how many numbers the group has
 */
export function sampledCoordinates(seed: string, group: number, elements: number): readonly number[] {
  const next = numbersFrom(`sketch/coordinates/${seed}/${group}`);
  const drawn = () => Math.floor(((next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53) * elements);
  return Array.from({ length: sketchSamples }, drawn).toSorted((a, b) => a - b);
}

/**
 * The sketch of an update (submission − base) on the sampled coordinates: on which side of so many random planes it
 * lies, one bit for each (Charikar's SimHash). Two updates differ in a share of the bits that is their angle over π,
 * whatever their lengths. Null for an update of nothing, which has no direction.
 */
export function sketchOf(update: Float64Array, seed: string, group: number): string | null {
  if (update.every((value) => value === 0)) return null;
  const next = numbersFrom(`sketch/planes/${seed}/${group}`);
  const bytes = new Uint8Array(sketchBits / 8);
  for (let bit = 0; bit < sketchBits; bit += 1) {
    let side = 0;
    let signs = 0;
    for (let index = 0; index < update.length; index += 1) {
      if (index % 32 === 0) signs = next();
      // A branch would be guessed wrong every other time.
      side += (2 * (signs & 1) - 1) * (update[index] ?? 0);
      signs >>>= 1;
    }
    if (side > 0) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return encodeBase64Url(bytes);
}

const onesOf = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** Sketches as bytes, to be compared many times. Null for what is none. */
export function readSketch(sketch: string): Uint8Array | null {
  const bytes = decodeBase64Url(sketch);
  return bytes?.length === sketchBits / 8 ? bytes : null;
}

export interface Likeness {
  /** Cosine of the updates' angle, to four digits, because further ones differ between machines. */
  readonly similarity: number;
  readonly near: boolean;
}

/** How alike two updates are by their sketches, which must be of the same seed and group. */
export function likeness(one: Uint8Array, other: Uint8Array): Likeness {
  let different = 0;
  for (const [index, byte] of one.entries()) different += onesOf[byte ^ (other[index] ?? 0)] ?? 0;
  const similarity = Math.round(Math.cos((different / sketchBits) * Math.PI) * 10_000) / 10_000;
  return { similarity, near: different <= nearBits };
}
