import { u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a, xxhashAsU8a } from '@polkadot/util-crypto';
import type { Hex } from '../../../domain/units.ts';
import { type Codec, encode } from '../scale/codec.ts';

export type Hasher = 'Identity' | 'Blake2_128Concat' | 'Twox64Concat';

export interface KeyPart<T> {
  readonly hasher: Hasher;
  readonly codec: Codec<T>;
}

/** One storage item: what metadata say of it, and how its keys are made. `R` is what a read gives. */
export interface StorageEntry<K extends readonly unknown[], V, R = V> {
  readonly pallet: string;
  readonly name: string;
  readonly modifier: 'Default' | 'Optional';
  readonly keys: readonly KeyPart<unknown>[];
  readonly value: Codec<V>;
  /** SCALE bytes of the default; `0x00` for optional items, as metadata have it. */
  readonly fallback: Uint8Array;
  /** What a read gives where nothing is stored. */
  absent(): R;
  key(...keys: K): Hex;
  /** The key of all entries that share the first parts. */
  prefix(...keys: readonly unknown[]): Hex;
}

export type Entry = Omit<StorageEntry<readonly never[], unknown, unknown>, 'key'>;

const HASH: Readonly<Record<Hasher, (bytes: Uint8Array) => Uint8Array>> = {
  Identity: (bytes) => bytes,
  Blake2_128Concat: (bytes) => u8aConcat(blake2AsU8a(bytes, 128), bytes),
  Twox64Concat: (bytes) => u8aConcat(xxhashAsU8a(bytes, 64), bytes),
};

export const identity = <T>(codec: Codec<T>): KeyPart<T> => ({ hasher: 'Identity', codec });
export const blake2 = <T>(codec: Codec<T>): KeyPart<T> => ({ hasher: 'Blake2_128Concat', codec });
export const twox = <T>(codec: Codec<T>): KeyPart<T> => ({ hasher: 'Twox64Concat', codec });

type KeyValues<P extends readonly KeyPart<unknown>[]> = {
  readonly [I in keyof P]: P[I] extends KeyPart<infer T> ? T : never;
};
type Parts = readonly KeyPart<unknown>[];

/** The declarers of one pallet's storage. */
export function storageOf(pallet: string) {
  const declare = <K extends readonly unknown[], V, R>(
    name: string,
    keys: Parts,
    value: Codec<V>,
    modifier: 'Default' | 'Optional',
    fallback: Uint8Array,
    absent: () => R,
  ): StorageEntry<K, V, R> => {
    const base = u8aToHex(u8aConcat(xxhashAsU8a(pallet, 128), xxhashAsU8a(name, 128)));
    // Every read begins here, most of them without a part.
    const prefix = (...values: readonly unknown[]): Hex => {
      if (values.length === 0) return base;
      const parts = keys.slice(0, values.length).map((part, at) => HASH[part.hasher](encode(part.codec, values[at])));
      return `0x${base.slice(2)}${u8aToHex(u8aConcat(...parts)).slice(2)}`;
    };
    return { pallet, name, modifier, keys, value, fallback, absent, key: (...values) => prefix(...values), prefix };
  };
  const none = new Uint8Array([0]);
  return {
    value: <V>(name: string, codec: Codec<V>, fallback: V) =>
      declare<[], V, V>(name, [], codec, 'Default', encode(codec, fallback), () => fallback),
    optional: <V>(name: string, codec: Codec<V>) =>
      declare<[], V, V | null>(name, [], codec, 'Optional', none, () => null),
    map: <const P extends Parts, V>(name: string, keys: P, codec: Codec<V>, fallback: V) =>
      declare<KeyValues<P>, V, V>(name, keys, codec, 'Default', encode(codec, fallback), () => fallback),
    optionalMap: <const P extends Parts, V>(name: string, keys: P, codec: Codec<V>) =>
      declare<KeyValues<P>, V, V | null>(name, keys, codec, 'Optional', none, () => null),
  };
}
