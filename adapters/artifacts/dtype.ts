/** Element sizes in bytes of the types that safetensors files may hold. */
export const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export const isDtype = (value: unknown): value is Dtype =>
  typeof value === 'string' && Object.hasOwn(dtypeBytes, value);

/**
 * The size in bytes of a tensor, or null where the product leaves the exact integers: a header may claim any shape,
 * and a product that wrapped around would pass for a small tensor.
 */
export function tensorBytes(dtype: Dtype, shape: readonly number[]): number | null {
  if (shape.includes(0)) return 0;
  let size: number = dtypeBytes[dtype];
  for (const extent of shape) {
    size *= extent;
    if (!Number.isSafeInteger(size)) return null;
  }
  return size;
}
