import type { Dtype } from './dtype.ts';

/** Exponent bits all set mean NaN or infinity, whatever the rest says. */
const masks: Partial<Record<Dtype, { readonly width: 1 | 2 | 4 | 8; readonly mask: number }>> = {
  F64: { width: 8, mask: 0x7ff00000 },
  F32: { width: 4, mask: 0x7f800000 },
  BF16: { width: 2, mask: 0x7f80 },
  F16: { width: 2, mask: 0x7c00 },
  F8_E5M2: { width: 1, mask: 0x7c },
  // This type has no infinity: only all bits set is NaN.
  F8_E4M3: { width: 1, mask: 0x7f },
};

/**
 * Counts NaN and infinite elements; integers have none.
 *
 * @param bytes whole little-endian elements, beginning at an address of whole elements
 */
export function countNonFinite(dtype: Dtype, bytes: Uint8Array): number {
  const rule = masks[dtype];
  if (rule === undefined) return 0;
  const { width, mask } = rule;
  if (width === 1) return countMasked(bytes, mask, 0, 1);
  if (width === 2) return countMasked(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), mask, 0, 1);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  // The exponent of a 64-bit float lies in the second, higher word.
  return width === 4 ? countMasked(words, mask, 0, 1) : countMasked(words, mask, 1, 2);
}

function countMasked(words: Uint8Array | Uint16Array | Uint32Array, mask: number, first: number, step: number): number {
  let count = 0;
  for (let at = first; at < words.length; at += step) {
    if (((words[at] ?? 0) & mask) === mask) count += 1;
  }
  return count;
}
