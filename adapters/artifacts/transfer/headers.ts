import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Dispatcher } from 'undici';
import { fail } from '../../../domain/errors/error.ts';
import { partialPath } from '../chunks/chunk-file.ts';
import { checkFreeSpace } from '../incoming.ts';
import { plainUrl, readRefusal, refusalError } from './answer.ts';
import type { DownloadRequest } from './order.ts';

export type Answer = Dispatcher.ResponseData;
export type Headers = Readonly<Record<string, string>>;

export const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

export const headersOf = ({ headers }: Answer): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, single(value) ?? '']));

/** Gives up the rest of an answer, and with it its connection. */
export function abandon({ body }: Answer): void {
  // A body that is destroyed early says so as an error, to whoever listens or else to the process.
  body.on('error', () => undefined).destroy();
}

/** If-Range takes strong tags only: with a weak one two halves might be of different files. */
export const strongTag = (headers: Headers): string | null => {
  const tag = headers['etag'];
  return tag?.startsWith('"') === true ? tag : null;
};

/** @throws for any answer that carries no file */
export async function checkFile(url: string, answer: Answer): Promise<void> {
  const { statusCode: status } = answer;
  if (status !== 200 && status !== 206) throw refusalError(url, await readRefusal(answer));
  const encoding = headersOf(answer)['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return;
  abandon(answer);
  throw fail('OST_TRANSFER_ENCODED', { url: plainUrl(url), encoding });
}

/** Refuses before the first byte what would be refused after the last. */
export async function checkAnnounced(order: DownloadRequest, total: number | null): Promise<void> {
  if (total === null) return;
  const { expected, maxBytes = Number.POSITIVE_INFINITY, to } = order;
  const name = basename(to);
  if (expected?.bytes !== undefined && expected.bytes !== total) {
    throw fail('OST_ARTIFACT_LENGTH', { name, actual: total, expected: expected.bytes });
  }
  if (total > maxBytes) throw fail('OST_ARTIFACT_TOO_LARGE', { name, limitBytes: maxBytes });
  const held = await stat(partialPath(to)).catch(() => null);
  // What an earlier attempt holds already; a sparse file holds less than its length.
  await checkFreeSpace(dirname(to), Math.max(0, total - (held?.blocks ?? 0) * 512));
}

/** What the whole must hash to; undefined where nobody said. */
export const expectedDigest = (order: DownloadRequest, etag: string | null): string | undefined =>
  order.expected?.digest ?? /^"([0-9a-f]{64})"$/.exec(etag ?? '')?.[1];
