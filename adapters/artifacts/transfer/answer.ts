import type { Dispatcher } from 'undici';
import { fail, type OstinatoError } from '../../../domain/errors/error.ts';
import { type Fields, fieldsOf, parseJson } from '../../../domain/read-value.ts';
import { boundedText } from '../../http/bounded-text.ts';

/** An error body is a few hundred bytes; whatever a stranger sends beyond this is not read. */
const maxBodyBytes = 16 * 1024;

/** What a server said about a request that it did not carry out. */
export interface Refusal {
  readonly status: number;
  /** The catalogue's code of an Ostinato server, else `HTTP_` and the status. */
  readonly code: string;
  readonly detail: string;
  /** Other fields of the body. */
  readonly body: Fields;
}

/** Statuses after which the same request may succeed later. */
export const mayPass = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

/** Reads a JSON body of limited size; an empty object where there is none. */
export async function readBody(body: Dispatcher.ResponseData['body']): Promise<Fields> {
  // A connection that breaks off in a refusal changes nothing about the refusal.
  const text = await boundedText(body, maxBodyBytes).catch(() => null);
  return fieldsOf(parseJson(text ?? ''));
}

export async function readRefusal(answer: Pick<Dispatcher.ResponseData, 'statusCode' | 'body'>): Promise<Refusal> {
  const body = await readBody(answer.body);
  const text = (key: string): string | null => (typeof body[key] === 'string' ? body[key] : null);
  return {
    status: answer.statusCode,
    code: text('code') ?? `HTTP_${answer.statusCode}`,
    detail: text('message') ?? text('error') ?? 'no reason given',
    body,
  };
}

/** Signatures travel in the query, so logs and errors show the address without it. */
export function plainUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

export const refusalError = (url: string, { status, code, detail }: Refusal): OstinatoError =>
  fail(mayPass(status) ? 'OST_TRANSFER_UNAVAILABLE' : 'OST_TRANSFER_REFUSED', {
    url: plainUrl(url),
    status,
    code,
    detail,
  });
