import { hexToU8a, isHex, u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';
import type { Hex } from '../../../domain/units.ts';
import { invalidParams } from './failure.ts';

/** The positional parameters of one request, checked as they are taken. */
export class Params {
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  #missing(index: number): boolean {
    return this.#values[index] === undefined || this.#values[index] === null;
  }

  /** Hex with or without 0x, as nodes take it. */
  hex(index: number): Hex {
    return asHex(this.#values[index]);
  }

  optionalHex(index: number): Hex | null {
    return this.#missing(index) ? null : this.hex(index);
  }

  hexList(index: number): Hex[] {
    const value = this.#values[index];
    if (!Array.isArray(value)) throw invalidParams('expected a list of hex strings');
    return value.map(asHex);
  }

  optionalHexList(index: number): Hex[] | null {
    return this.#missing(index) ? null : this.hexList(index);
  }

  bytes(index: number): Uint8Array {
    return hexToU8a(this.hex(index));
  }

  text(index: number): string {
    const value = this.#values[index];
    if (typeof value !== 'string') throw invalidParams('expected a string');
    return value;
  }

  optionalText(index: number): string | null {
    return this.#missing(index) ? null : this.text(index);
  }

  /** A number, as JSON or in hex. */
  number(index: number): number {
    const value = this.#values[index];
    const parsed = typeof value === 'string' && value.startsWith('0x') ? Number(value) : value;
    if (typeof parsed !== 'number' || !Number.isSafeInteger(parsed) || parsed < 0)
      throw invalidParams('expected a number');
    return parsed;
  }

  optionalNumber(index: number): number | null {
    return this.#missing(index) ? null : this.number(index);
  }

  /** One number or a list of them; null where nothing was given. */
  numbers(index: number): { readonly one: boolean; readonly list: readonly number[] } | null {
    const value = this.#values[index];
    if (this.#missing(index)) return null;
    if (!Array.isArray(value)) return { one: true, list: [this.number(index)] };
    const items = new Params(value);
    return { one: false, list: value.map((_, at) => items.number(at)) };
  }

  /** An SS58 address, or a public key in hex. */
  account(index: number): Hex {
    try {
      return u8aToHex(decodeAddress(this.text(index)));
    } catch {
      throw invalidParams('expected an SS58 address');
    }
  }
}

function asHex(value: unknown): Hex {
  const whole = typeof value === 'string' && !value.startsWith('0x') ? `0x${value}` : value;
  if (!isHex(whole) || whole.length % 2 !== 0) throw invalidParams('expected a hex string');
  return `0x${whole.slice(2).toLowerCase()}`;
}
