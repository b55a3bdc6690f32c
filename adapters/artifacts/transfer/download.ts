import { basename } from 'node:path';
import { type ChunkManifest, defaultChunkBytes } from '../../../domain/chunk-manifest.ts';
import { fail, isOstinatoError, messageOf } from '../../../domain/errors/error.ts';
import { ChunkFile, discardPartial, ledgerPath } from '../chunks/chunk-file.ts';
import { type ChunkedFile, readChunkLedger } from '../chunks/ledger.ts';
import { plainUrl } from './answer.ts';
import { fetchChunkList } from './chunk-list.ts';
import { parseContentRange } from './content-range.ts';
import { type Answer, abandon, checkAnnounced, checkFile, expectedDigest, headersOf, strongTag } from './headers.ts';
import { Lanes } from './lanes.ts';
import { ChunksDamaged, type Downloaded, type DownloadRequest, FileChanged } from './order.ts';
import { Line } from './request.ts';
import { watchSpeed } from './speed.ts';
import { takeWhole } from './whole.ts';

export type { Downloaded, DownloadRequest } from './order.ts';

/**
 * Fetches a file to disk in chunks, several ranges at a time, going on where an earlier attempt stopped. It gets its
 * name only when every chunk is there and the digest of the whole is right.
 *
 * @throws OST_TRANSFER_REFUSED, _UNAVAILABLE, _ENCODED, _FAILED, _DEADLINE, _PART, _SLOW, _REDIRECT,
 *   OST_ARTIFACT_LENGTH, OST_ARTIFACT_DIGEST, OST_ARTIFACT_CHUNK, OST_ARTIFACT_TOO_LARGE, OST_DISK_FULL,
 *   OST_DISK_READ_ONLY
 */
export async function download(asked: DownloadRequest): Promise<Downloaded> {
  const progress = { bytes: 0 };
  using speed = watchSpeed(asked, progress);
  const order: DownloadRequest = {
    ...asked,
    ...(speed.signal === undefined ? {} : { signal: speed.signal }),
    onProgress: (bytes, total) => {
      progress.bytes = bytes;
      asked.onProgress?.(bytes, total);
    },
  };
  const resumed = (await readChunkLedger(ledgerPath(order.to))) !== null;
  try {
    return await attempt(order).catch(async (error: unknown) => {
      // Old bytes that turn out to be wrong, or of another file, must not stand in the way of new ones.
      const stale = resumed && isOstinatoError(error, 'OST_ARTIFACT_DIGEST', 'OST_ARTIFACT_LENGTH');
      if (stale || error instanceof FileChanged) await discardPartial(order.to);
      else if (!(error instanceof ChunksDamaged)) throw error;
      return await attempt(order);
    });
  } catch (error) {
    throw told(order, progress.bytes, error);
  }
}

function told({ url, signal }: DownloadRequest, bytes: number, error: unknown): unknown {
  const params = { url: plainUrl(url), bytes };
  if (signal?.aborted === true) {
    if (isOstinatoError(signal.reason)) return signal.reason;
    return fail('OST_TRANSFER_DEADLINE', params, { cause: error });
  }
  if (isOstinatoError(error)) return error;
  const detail = error instanceof FileChanged ? 'its file changes all the time' : messageOf(error);
  return fail('OST_TRANSFER_FAILED', { ...params, detail }, { cause: error });
}

/** What is known of the file before its chunks are asked for. */
interface Opening {
  readonly of: ChunkedFile;
  readonly list: ChunkManifest | null;
  readonly first: Answer | null;
}

async function attempt(order: DownloadRequest): Promise<Downloaded> {
  await using line = new Line(order, Math.max(1, order.ranges ?? 1));
  const opening = await open(order, line);
  if ('statusCode' in opening) return await takeWhole(order, opening);
  const { of, list, first } = opening;
  await checkAnnounced(order, of.bytes).catch((error: unknown) => {
    if (first !== null) abandon(first);
    throw error;
  });
  await using file = await ChunkFile.open(order.to, of);
  const resumedFrom = file.bytes;
  await using lanes = new Lanes({ order, line, file, list, first });
  const digest = await settled(order, file, lanes, list);
  const headers = lanes.headers ?? (await headersAlone(order, line, of));
  await file.finish();
  return { bytes: of.bytes, digest, etag: headers['etag'] ?? of.tag, resumedFrom, headers };
}

/** Finds out what the file is: from its list of chunks, from an earlier attempt, or from the first answer. */
async function open(order: DownloadRequest, line: Line): Promise<Opening | Answer> {
  const { url, to, chunkList, expected, signal } = order;
  const list = chunkList === undefined ? null : await fetchChunkList(line, chunkList, signal);
  if (list !== null && list.bytes > 0) {
    if (expected?.digest !== undefined && expected.digest !== list.digest) {
      throw fail('OST_ARTIFACT_DIGEST', { name: basename(to), actual: list.digest, expected: expected.digest });
    }
    return { of: { bytes: list.bytes, chunkBytes: list.chunkBytes, tag: `"${list.digest}"` }, list, first: null };
  }
  const kept = await readChunkLedger(ledgerPath(to));
  if (kept !== null && kept.of.tag !== null && kept.of.bytes > 0) return { of: kept.of, list: null, first: null };
  // A range even where everything is wanted: a model server takes the same signature again for ranges only, and
  // nobody can tell whether an attempt that brought nothing had reached it.
  const chunkBytes = order.chunkBytes ?? defaultChunkBytes;
  const bounded = (order.ranges ?? 1) > 1 ? `bytes=0-${chunkBytes - 1}` : 'bytes=0-';
  const answer = await line.get(url, { range: bounded }, signal);
  if (answer.statusCode === 416 && parseContentRange(headersOf(answer)['content-range'])?.total === 0) {
    await answer.body.dump();
    const whole = await line.get(url, {}, signal);
    await checkFile(url, whole);
    return whole;
  }
  await checkFile(url, answer);
  const headers = headersOf(answer);
  const range = parseContentRange(headers['content-range']);
  if (answer.statusCode === 200) return answer;
  if (range?.begin !== 0 || range.total === null) {
    abandon(answer);
    throw fail('OST_TRANSFER_PART', { url: plainUrl(url), begin: 0, end: range?.total ?? 0, problem: 'another part' });
  }
  return { of: { bytes: range.total, chunkBytes, tag: strongTag(headers) }, list: null, first: answer };
}

/** Runs the lanes until the whole is what it must be. */
async function settled(
  order: DownloadRequest,
  file: ChunkFile,
  lanes: Lanes,
  list: ChunkManifest | null,
): Promise<string> {
  const expected = order.expected?.digest ?? list?.digest ?? expectedDigest(order, file.of.tag);
  const digest = await lanes.run();
  if (expected === undefined || digest === expected) return digest;
  // Every chunk was right when it came. One that is not any more was damaged on this disk.
  const damaged = await file.damaged(list === null ? undefined : (index) => list.chunks[index]);
  if (damaged.length > 0) {
    for (const index of damaged) await file.drop(index);
    throw new ChunksDamaged();
  }
  await file.discard();
  throw fail('OST_ARTIFACT_DIGEST', {
    name: `${basename(order.to)} (${file.of.bytes} bytes)`,
    actual: digest,
    expected,
  });
}

/** Everything was there already: an earlier attempt died between the last chunk and the new name. */
async function headersAlone({ url, signal }: DownloadRequest, line: Line, { tag }: ChunkedFile) {
  const answer = await line.get(url, { range: 'bytes=0-0', ...(tag === null ? {} : { 'if-range': tag }) }, signal);
  await checkFile(url, answer);
  const headers = headersOf(answer);
  abandon(answer);
  if (answer.statusCode === 200 || (strongTag(headers) ?? tag) !== tag) throw new FileChanged();
  return headers;
}
