import { ScaleError } from './bytes.ts';
import type { Codec, PrimitiveName } from './codec.ts';

function small(name: PrimitiveName, sizeBytes: number, signed = false): Codec<number> {
  const wide = large(name, sizeBytes, signed);
  return {
    type: wide.type,
    encode: (value, out) => wide.encode(BigInt(value), out),
    decode: (input) => Number(wide.decode(input)),
  };
}

function large(name: PrimitiveName, sizeBytes: number, signed = false): Codec<bigint> {
  return {
    type: { kind: 'primitive', name },
    encode: (value, out) => out.integer(value, sizeBytes),
    decode: (input) => {
      const value = input.integer(sizeBytes);
      return signed ? BigInt.asIntN(sizeBytes * 8, value) : value;
    },
  };
}

export const u8 = small('u8', 1);
export const u16 = small('u16', 2);
export const u32 = small('u32', 4);
export const u64 = large('u64', 8);
export const u128 = large('u128', 16);
export const i16 = small('i16', 2, true);
export const i64 = large('i64', 8, true);
export const i128 = large('i128', 16, true);

export const bool: Codec<boolean> = {
  type: { kind: 'primitive', name: 'bool' },
  encode: (value, out) => out.byte(value ? 1 : 0),
  decode: (input) => {
    const byte = input.byte();
    if (byte > 1) throw new ScaleError('Invalid boolean representation');
    return byte === 1;
  },
};

export const str: Codec<string> = {
  type: { kind: 'primitive', name: 'str' },
  encode: (value, out) => {
    const bytes = new TextEncoder().encode(value);
    out.compact(BigInt(bytes.length));
    out.raw(bytes);
  },
  decode: (input) => {
    const bytes = input.raw(input.count());
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw new ScaleError('Invalid UTF-8');
    }
  },
};

/** `Compact<u8..u32>`. */
export function compact(of: Codec<number>): Codec<number> {
  return {
    type: { kind: 'compact', of: of.type },
    encode: (value, out) => out.compact(BigInt(value)),
    decode: (input) => Number(input.compact()),
  };
}

/** `Compact<u64>` and `Compact<u128>`. */
export function compactLarge(of: Codec<bigint>): Codec<bigint> {
  return {
    type: { kind: 'compact', of: of.type },
    encode: (value, out) => out.compact(value),
    decode: (input) => input.compact(),
  };
}
