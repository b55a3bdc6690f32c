/** The element types in which models and pseudo-gradients may come. */
export const floatFormats = ['F32', 'BF16', 'F16'] as const;
export type FloatFormat = (typeof floatFormats)[number];

export const isFloatFormat = (dtype: string): dtype is FloatFormat => floatFormats.some((each) => each === dtype);

const codes = 65_536;

function decodeHalf(code: number): number {
  const sign = code & 0x8000 ? -1 : 1;
  const exponent = (code >> 10) & 0x1f;
  const fraction = code & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** What each code of a 16-bit type stands for, exactly. */
export function decodeTable(format: 'BF16' | 'F16'): Float32Array<ArrayBuffer> {
  if (format === 'F16') return Float32Array.from({ length: codes }, (_, code) => decodeHalf(code));
  return new Float32Array(Uint32Array.from({ length: codes }, (_, code) => code << 16).buffer);
}

/** bfloat16 is the upper half of float32; ties go to even. NaN stays NaN. */
function encodeBrain(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function encodeHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // Half of the last place above the largest number is where rounding reaches infinity.
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  // Exact: a power of two only moves the point. Ties to even by the trick of adding 1.5 · 2^52.
  const place = 1.5 * 2 ** 52;
  const units = size / 2 ** (exponent - 10) + place - place;
  // Subnormals have no hidden bit; a mantissa that rounds up carries into the exponent by itself.
  return sign | (exponent === -14 && units < 1024 ? units : ((exponent + 14) << 10) + units);
}

/** Rounds values to a 16-bit type, ties to even. */
export function encodeTo(format: 'BF16' | 'F16', values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  if (format === 'F16') return Uint16Array.from(values, encodeHalf);
  return Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), encodeBrain);
}
