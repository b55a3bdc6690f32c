import { describe, expect, test } from '@jest/globals';
import { TypeRegistry } from '@polkadot/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import fc from 'fast-check';
import { AxonInfo } from '../../../devnet/chain/declaration/pallets/subtensor-types.ts';
import { Reader, ScaleError, Writer } from '../../../devnet/chain/scale/bytes.ts';
import { type Codec, decode, encode } from '../../../devnet/chain/scale/codec.ts';
import { boundedBytes, bytes, option, tuple, vec } from '../../../devnet/chain/scale/composite.ts';
import {
  bool,
  compact,
  compactLarge,
  i64,
  i128,
  str,
  u8,
  u16,
  u32,
  u64,
  u128,
} from '../../../devnet/chain/scale/primitive.ts';

const registry = new TypeRegistry();
const theirs = (type: string, value: unknown) => registry.createType(type, value).toU8a();

/** One codec beside the type that the client library calls the same, with values for both. */
function agrees<T>(
  type: string,
  codec: Codec<T>,
  values: fc.Arbitrary<T>,
  plain: (value: T) => unknown = (value) => value,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const encoded = encode(codec, value);
      expect(u8aToHex(encoded)).toBe(u8aToHex(theirs(type, plain(value))));
      expect(decode(codec, encoded)).toEqual(value);
    }),
    { numRuns: 40 },
  );
}

describe('SCALE bytes are those of the client library, and decode to the same value', () => {
  test('for numbers of every width', () => {
    agrees('u8', u8, fc.nat(0xff));
    agrees('u16', u16, fc.nat(0xffff));
    agrees('u32', u32, fc.nat(0xffff_ffff));
    agrees('u64', u64, fc.bigInt(0n, 2n ** 64n - 1n));
    agrees('u128', u128, fc.bigInt(0n, 2n ** 128n - 1n));
    agrees('i64', i64, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));
    agrees('i128', i128, fc.bigInt(-(2n ** 127n), 2n ** 127n - 1n));
    agrees('bool', bool, fc.boolean());
  });

  test('for compact numbers on both sides of each mode', () => {
    agrees(
      'Compact<u32>',
      compact(u32),
      fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(63, 64, 16383, 16384, 2 ** 30 - 1, 2 ** 30)),
    );
    agrees('Compact<u128>', compactLarge(u128), fc.bigInt(0n, 2n ** 128n - 1n));
  });

  test('for texts, bytes, lists, options and tuples', () => {
    agrees('Text', str, fc.string({ unit: 'grapheme' }));
    agrees('Bytes', bytes, fc.uint8Array(), u8aToHex);
    agrees('Vec<(u16, u64)>', vec(tuple(u16, u64)), fc.array(fc.tuple(fc.nat(0xffff), fc.bigInt(0n, 2n ** 64n - 1n))));
    agrees('Option<u32>', option(u32), fc.option(fc.nat()));
  });
});

test('an axon has the bytes that the real chain stores for it', () => {
  const measured = '0x110000000000000001000000077100cb0000000000000000000000009b1f04040000';
  const axon = {
    block: 17n,
    version: 1,
    ip: 3_405_803_783n,
    port: 8091,
    ip_type: 4,
    protocol: 4,
    placeholder1: 0,
    placeholder2: 0,
  };
  expect(u8aToHex(encode(AxonInfo, axon))).toBe(measured);
  expect(decode(AxonInfo, hexToU8a(measured))).toEqual(axon);
});

describe('bytes that are not what they should be', () => {
  test('end in one kind of error, however they are cut or invented', () => {
    const codecs: readonly Codec<unknown>[] = [
      str,
      bytes,
      vec(tuple(u16, AxonInfo)),
      option(u64),
      boundedBytes(4),
      bool,
    ];
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(...codecs), (input, codec) => {
        try {
          decode(codec, input);
        } catch (error) {
          expect(error).toBeInstanceOf(ScaleError);
        }
      }),
    );
  });

  test('never make a reader take a count for granted', () => {
    const out = new Writer();
    out.compact(2n ** 40n);
    expect(() => decode(vec(u64), out.finish())).toThrow(ScaleError);
    expect(() => new Reader(new Uint8Array()).byte()).toThrow(ScaleError);
  });
});
