import { bool, Compact, Enum, GenericAccountId, Option, Struct, UInt, Vec } from '@polkadot/types';
import type { Codec } from '@polkadot/types/types';
import { fail } from '../../domain/errors/error.ts';
import { type Blocks, blocks, type Hotkey } from '../../domain/units.ts';
import { addressOf } from './address.ts';

/**
 * Decoded values, narrowed by what they are. Their JSON forms are not used: large numbers come out of those as
 * numbers, as text or as hex, by size.
 */

const bad = (what: string): never => {
  throw fail('OST_CHAIN_DECODE', { what });
};

/** A struct's field; the inside of an option, where it is one. */
export function field(struct: Codec, name: string): Codec {
  const value = struct instanceof Struct ? struct.get(name) : undefined;
  if (value instanceof Option) return value.isSome ? value.unwrap() : bad(name);
  return isCodec(value) ? value : bad(name);
}

export function bigintOf(value: Codec | undefined, what: string): bigint {
  // By hex: the library's own toBigInt goes by decimal digits, which costs ten times as much.
  if (value instanceof UInt) return BigInt(`0x${value.toString(16)}`);
  if (value instanceof Compact) return value.toBigInt();
  return bad(what);
}

export function numberOf(value: Codec | undefined, what: string): number {
  const number = Number(bigintOf(value, what));
  return Number.isSafeInteger(number) ? number : bad(what);
}

export const blockOf = (value: Codec | undefined, what: string): Blocks => blocks(numberOf(value, what));

export const booleanOf = (value: Codec | undefined, what: string): boolean =>
  value instanceof bool ? value.valueOf() : bad(what);

export function listOf(value: Codec | undefined, what: string): readonly Codec[] {
  return value instanceof Vec ? [...value] : bad(what);
}

export const accountOf = (value: Codec | undefined, what: string): Hotkey =>
  value instanceof GenericAccountId ? addressOf(value) : bad(what);

/** An enum's variant and what is inside. */
export function variantOf(value: Codec | undefined, what: string): { readonly type: string; readonly inner: Codec } {
  return value instanceof Enum ? { type: value.type, inner: value.inner } : bad(what);
}

/** The inside of an option, or null. */
export function optionOf(value: Codec, what: string): Codec | null {
  if (!(value instanceof Option)) return bad(what);
  return value.isSome ? value.unwrap() : null;
}

const isCodec = (value: unknown): value is Codec => typeof value === 'object' && value !== null && 'toU8a' in value;
