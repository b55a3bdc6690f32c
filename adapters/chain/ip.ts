import { isIPv4, isIPv6 } from 'node:net';
import { fail } from '../../domain/errors/error.ts';

/** Addresses on chain are the big-endian number of the address, with its version beside it. */

/** Text form; an IPv6 address is written without the `::` short cut. */
export function ipOf(value: bigint, version: number): string {
  if (version === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
  }
  return Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
}

export function ipNumber(text: string): { readonly value: bigint; readonly version: 4 | 6 } {
  if (isIPv4(text)) return { value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n), version: 4 };
  if (!isIPv6(text)) throw fail('OST_CHAIN_DECODE', { what: `address ${text}` });
  const [head = '', tail] = mapped(text).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return { value: all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n), version: 6 };
}

/** The dotted tail of `::ffff:1.2.3.4` as two groups. */
function mapped(text: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (match === null) return text;
  const [, head = '', ...parts] = match;
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
