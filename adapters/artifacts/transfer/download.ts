import { basename, dirname } from 'node:path';
import { Agent, type Dispatcher, request } from 'undici';
import { fail, isOstinatoError, messageOf } from '../../../domain/errors/error.ts';
import { checkFreeSpace } from '../incoming.ts';
import { plainUrl, readRefusal, refusalError } from './answer.ts';
import { parseContentRange } from './content-range.ts';
import { PartialFile } from './partial.ts';

/** A line that says nothing for so long is dead; the bytes that came are kept. */
const silenceMs = 30_000;

export interface DownloadRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The file's name once it is complete. One download at a time may work on it. */
  readonly to: string;
  /** What the file must be. Without a digest, a strong ETag that is a SHA-256 is taken at its word and checked. */
  readonly expected?: { readonly digest?: string; readonly bytes?: number };
  readonly maxBytes?: number;
  readonly onProgress?: (bytes: number, total: number | null) => void;
  readonly signal?: AbortSignal;
}

export interface Downloaded {
  readonly bytes: number;
  /** SHA-256 of the whole file. */
  readonly digest: string;
  readonly etag: string | null;
  /** Bytes that an earlier attempt had brought. */
  readonly resumedFrom: number;
  /** The answer's headers, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Fetches a file to disk, going on where an earlier attempt stopped. It gets its name only when it is complete and
 * its digest is right.
 *
 * @throws OST_TRANSFER_REFUSED, _UNAVAILABLE, _ENCODED, _FAILED, _DEADLINE, OST_ARTIFACT_LENGTH, OST_ARTIFACT_DIGEST,
 *   OST_ARTIFACT_TOO_LARGE, OST_DISK_FULL
 */
export async function download(order: DownloadRequest): Promise<Downloaded> {
  const partial = new PartialFile(order.to);
  await partial.resume();
  const resumed = partial.bytes > 0;
  try {
    return await attempt(order, partial);
  } catch (error) {
    // Old bytes that turn out to be wrong must not stand in the way of new ones.
    if (!resumed || !isOstinatoError(error, 'OST_ARTIFACT_DIGEST', 'OST_ARTIFACT_LENGTH')) throw error;
    await partial.restart();
    return await attempt(order, partial);
  }
}

async function attempt(order: DownloadRequest, partial: PartialFile): Promise<Downloaded> {
  await using agent = disposable(new Agent({ headersTimeout: silenceMs, bodyTimeout: silenceMs }));
  try {
    let answer = await ask(order, partial, agent.agent);
    if (answer.statusCode === 416 && !isAllThere(answer, partial)) {
      await answer.body.dump();
      await partial.restart();
      answer = await ask(order, partial, agent.agent, false);
    }
    return await take(order, partial, answer);
  } catch (error) {
    if (isOstinatoError(error)) throw error;
    const params = { url: plainUrl(order.url), bytes: partial.bytes };
    if (order.signal?.aborted === true) throw fail('OST_TRANSFER_DEADLINE', params, { cause: error });
    throw fail('OST_TRANSFER_FAILED', { ...params, detail: messageOf(error) }, { cause: error });
  }
}

/** An agent of its own for each transfer, so that nothing of it outlives it; destroyed, because a peer may be stuck. */
const disposable = (agent: Agent) => ({ agent, [Symbol.asyncDispose]: () => agent.destroy() });

/**
 * Asks for what is missing, and for all of it as a range too: a model server takes the same signed request again only
 * for a range, and nobody can tell whether an attempt that brought nothing had reached it.
 */
function ask(
  order: DownloadRequest,
  partial: PartialFile,
  dispatcher: Agent,
  ranged = true,
): Promise<Dispatcher.ResponseData> {
  const { bytes, etag } = partial;
  // If-Range takes strong tags only: with a weak one the two halves might be of different files.
  const resumable = etag?.startsWith('"') === true;
  const headers = {
    'accept-encoding': 'identity',
    ...order.headers,
    ...(ranged ? { range: `bytes=${resumable ? bytes : 0}-` } : {}),
    ...(ranged && resumable ? { 'if-range': etag } : {}),
  };
  return request(order.url, { dispatcher, headers, ...(order.signal === undefined ? {} : { signal: order.signal }) });
}

const isAllThere = ({ headers }: Dispatcher.ResponseData, partial: PartialFile): boolean =>
  partial.bytes > 0 && parseContentRange(single(headers['content-range']))?.total === partial.bytes;

async function take(
  order: DownloadRequest,
  partial: PartialFile,
  answer: Dispatcher.ResponseData,
): Promise<Downloaded> {
  const { statusCode: status, body } = answer;
  const headers = singles(answer.headers);
  if (status === 416) {
    // Everything was there already: an earlier attempt died between the last byte and the new name.
    await body.dump();
    return await finish(order, partial, partial.bytes, headers);
  }
  if (status !== 200 && status !== 206) throw refusalError(order.url, await readRefusal(answer));
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw fail('OST_TRANSFER_ENCODED', { url: plainUrl(order.url), encoding });

  const range = parseContentRange(headers['content-range']);
  // A weak tag was not sent along, so that the answer begins at zero whatever is there.
  if (status === 206 && range?.begin === 0 && partial.bytes > 0) await partial.restart();
  const sameFile = partial.bytes === 0 || (headers['etag'] ?? partial.etag) === partial.etag;
  if (status === 206 && !(range?.begin === partial.bytes && sameFile)) {
    body.destroy();
    await partial.restart();
    throw fail('OST_TRANSFER_FAILED', {
      url: plainUrl(order.url),
      bytes: 0,
      detail: 'it sent another part than the missing one',
    });
  }
  // The whole file, although a part was asked for: the file has changed, or the server knows no ranges.
  if (status === 200 && partial.bytes > 0) await partial.restart();
  const resumedFrom = partial.bytes;
  const length = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  const total = status === 206 ? (range?.total ?? null) : length;
  await checkAnnounced(order, total, resumedFrom);
  await save(order, partial, body, { total, etag: headers['etag'] ?? null });
  return { ...(await finish(order, partial, total, headers)), resumedFrom };
}

/** Refuses before the first byte what would be refused after the last. */
async function checkAnnounced(order: DownloadRequest, total: number | null, have: number): Promise<void> {
  if (total === null) return;
  const { expected, maxBytes = Number.POSITIVE_INFINITY, to } = order;
  const name = basename(to);
  if (expected?.bytes !== undefined && expected.bytes !== total) {
    throw fail('OST_ARTIFACT_LENGTH', { name, actual: total, expected: expected.bytes });
  }
  if (total > maxBytes) throw fail('OST_ARTIFACT_TOO_LARGE', { name, limitBytes: maxBytes });
  await checkFreeSpace(dirname(to), total - have);
}

async function save(
  order: DownloadRequest,
  partial: PartialFile,
  body: Dispatcher.ResponseData['body'],
  { total, etag }: { readonly total: number | null; readonly etag: string | null },
): Promise<void> {
  const limitBytes = Math.min(order.maxBytes ?? Number.POSITIVE_INFINITY, total ?? Number.POSITIVE_INFINITY);
  await using handle = await partial.append(etag);
  for await (const chunk of body) {
    if (partial.bytes + chunk.length > limitBytes) {
      throw fail('OST_ARTIFACT_TOO_LARGE', { name: basename(order.to), limitBytes });
    }
    await partial.write(handle, chunk, total ?? partial.bytes + chunk.length);
    order.onProgress?.(partial.bytes, total);
  }
}

async function finish(
  order: DownloadRequest,
  partial: PartialFile,
  total: number | null,
  headers: Readonly<Record<string, string>>,
): Promise<Downloaded> {
  const name = basename(order.to);
  const expectedBytes = order.expected?.bytes ?? total;
  if (expectedBytes !== null && partial.bytes !== expectedBytes) {
    throw fail('OST_ARTIFACT_LENGTH', { name, actual: partial.bytes, expected: expectedBytes });
  }
  const etag = headers['etag'] ?? partial.etag;
  const digest = partial.digest();
  const expected = order.expected?.digest ?? /^"([0-9a-f]{64})"$/.exec(etag ?? '')?.[1];
  if (expected !== undefined && digest !== expected) {
    const { bytes } = partial;
    await partial.restart();
    throw fail('OST_ARTIFACT_DIGEST', { name: `${name} (${bytes} bytes)`, actual: digest, expected });
  }
  await partial.finish();
  return { bytes: partial.bytes, digest, etag, resumedFrom: partial.bytes, headers };
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

const singles = (headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, single(value) ?? '']));
