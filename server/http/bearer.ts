import { createHash, timingSafeEqual } from 'node:crypto';
import { fail, type OstinatoError } from '../../domain/errors/error.ts';

const fingerprint = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Checks a request's bearer token. Digests are compared, in constant time: neither the first wrong character nor the
 * length of the token can be measured.
 *
 * @returns what to refuse the request with, or null
 */
export function checkBearer(token: string | null, header: string | undefined, path: string): OstinatoError | null {
  if (token === null) return null;
  const given = /^Bearer +([^\s]+)$/i.exec(header ?? '')?.[1];
  if (given === undefined) return fail('OST_HTTP_UNAUTHORIZED', { path });
  return timingSafeEqual(fingerprint(given), fingerprint(token)) ? null : fail('OST_HTTP_WRONG_TOKEN', { path });
}
