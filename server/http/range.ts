import type { ByteRange } from '../../adapters/artifacts/store.ts';

export type RangeAnswer =
  | { readonly kind: 'whole' }
  | ({ readonly kind: 'part' } & ByteRange)
  | { readonly kind: 'unsatisfiable' };

const whole: RangeAnswer = { kind: 'whole' };

/**
 * What part of a file a Range header asks for (RFC 9110, section 14).
 *
 * A header that is malformed, in another unit or names several ranges is ignored, as the standard allows: the answer
 * is the whole file. So nobody can make the server assemble thousands of pieces.
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '');
  if (match === null) return whole;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return whole;
    // The last so many bytes; more than there are means all of them.
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', begin: sizeBytes - length, end: sizeBytes };
  }
  const begin = Number(first);
  if (last !== '' && Number(last) < begin) return whole;
  if (begin >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', begin, end: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}
