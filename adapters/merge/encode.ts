import { encodeTo, type FloatFormat } from '../../domain/merge/float-formats.ts';

/** The little-endian bytes of values in a type; good as long as the values are. */
export function bytesIn(format: FloatFormat, values: Float32Array<ArrayBuffer>): Uint8Array {
  const elements = format === 'F32' ? values : encodeTo(format, values);
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}
