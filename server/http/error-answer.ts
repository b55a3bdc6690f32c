import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fail, isOstinatoError, messageOf, type OstinatoError } from '../../domain/errors/error.ts';

/** The body of every refusal. `code` is stable and listed in docs/errors.md. */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly message: string;
  /** The message once more, where the originals' clients look for it. */
  readonly detail: string;
  /** What the caller can do about it. */
  readonly todo: string;
  /** SHA-256 of the submission that counts, where there is one already. */
  readonly sha256?: string;
}

/** What a client is told where it may come back: seconds. */
const retryAfterSeconds = 2;
/** A disk is not emptied in a moment; the bytes that arrived of an upload wait for their sender. */
const retryAfterFullSeconds = 30;

/**
 * Turns anything thrown into an error that is meant for clients. Others stay inside: their texts name endpoints and
 * files of this machine.
 */
export function asAnswer(error: unknown, method: string, path: string): OstinatoError {
  if (isOstinatoError(error)) {
    if (error.entry.status !== undefined) return error;
    if (error.retryable) return fail('OST_HTTP_UNAVAILABLE', { method, path, code: error.code }, { cause: error });
  }
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500)
    return fail('OST_HTTP_BAD_REQUEST', { problem: messageOf(error) }, { cause: error });
  return fail('OST_HTTP_INTERNAL', { method, path }, { cause: error });
}

export const statusOf = (error: OstinatoError): number => error.entry.status ?? 500;

export function bodyOf(error: OstinatoError): ErrorBody {
  const { digest } = error.params;
  return {
    error: STATUS_CODES[statusOf(error)] ?? 'Error',
    code: error.code,
    message: error.message,
    detail: error.message,
    todo: error.todo,
    ...(error.code === 'OST_SUBMISSION_DUPLICATE' ? { sha256: String(digest) } : {}),
  };
}

/** The path without its query, which holds signatures. */
export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

export async function sendError(reply: FastifyReply, error: OstinatoError): Promise<FastifyReply> {
  const status = statusOf(error);
  // What was already said about a file does not hold for the answer in its place.
  for (const name of ['content-length', 'content-range', 'content-disposition', 'etag']) reply.removeHeader(name);
  if (status === 503) reply.header('retry-after', retryAfterSeconds);
  if (status === 507) reply.header('retry-after', retryAfterFullSeconds);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 416) reply.header('content-range', `bytes */${error.params['bytes']}`);
  return reply.code(status).type('application/json; charset=utf-8').send(bodyOf(error));
}
