import { fail } from '../../domain/errors/error.ts';
import type { Hex } from '../../domain/units.ts';

/** Narrow the JSON that an endpoint answers; it is the outside world. */

export function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail('OST_CHAIN_DECODE', { what });
  return Object.fromEntries(Object.entries(value));
}

export function array(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw fail('OST_CHAIN_DECODE', { what });
  return value;
}

export const isHex = (value: unknown): value is Hex => typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value);

export function hexOf(value: unknown, what: string): Hex {
  if (!isHex(value)) throw fail('OST_CHAIN_DECODE', { what });
  return value;
}

/** Block numbers come as hex quantities of any length, as in headers. */
export function quantity(value: unknown, what: string): number {
  const number = typeof value === 'string' && /^0x[0-9a-fA-F]+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw fail('OST_CHAIN_DECODE', { what });
  return number;
}
