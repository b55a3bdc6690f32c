import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fail } from '../../../domain/errors/error.ts';
import { diskError, syncFolder, writeAll } from '../atomic-file.ts';
import { discardPartial, partialPath } from '../chunks/chunk-file.ts';
import { type Answer, abandon, checkAnnounced, expectedDigest, headersOf, strongTag } from './headers.ts';
import type { Downloaded, DownloadRequest } from './order.ts';

/** Takes a file from a server that sends all of it whatever is asked: one stream, from its beginning, each time. */
export async function takeWhole(order: DownloadRequest, answer: Answer): Promise<Downloaded> {
  const headers = headersOf(answer);
  const { 'content-length': announced } = headers;
  const total = announced === undefined ? null : Number(announced);
  const { to } = order;
  try {
    await checkAnnounced(order, total);
    await discardPartial(to);
    const { bytes, digest } = await save(order, answer, total);
    const wanted = order.expected?.bytes ?? total;
    if (wanted !== null && bytes !== wanted) {
      throw fail('OST_ARTIFACT_LENGTH', { name: basename(to), actual: bytes, expected: wanted });
    }
    const expected = expectedDigest(order, strongTag(headers));
    if (expected !== undefined && digest !== expected) {
      throw fail('OST_ARTIFACT_DIGEST', { name: `${basename(to)} (${bytes} bytes)`, actual: digest, expected });
    }
    await rename(partialPath(to), to);
    await syncFolder(dirname(to));
    return { bytes, digest, etag: headers['etag'] ?? null, resumedFrom: 0, headers };
  } catch (error) {
    abandon(answer);
    // Without a ledger its bytes are of no use to anybody.
    await discardPartial(to);
    throw error;
  }
}

async function save(order: DownloadRequest, { body }: Answer, total: number | null) {
  const limitBytes = Math.min(order.maxBytes ?? Number.POSITIVE_INFINITY, total ?? Number.POSITIVE_INFINITY);
  const sha = createHash('sha256');
  let bytes = 0;
  await using handle = await open(partialPath(order.to), 'w');
  for await (const part of body) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > limitBytes) throw fail('OST_ARTIFACT_TOO_LARGE', { name: basename(order.to), limitBytes });
    sha.update(chunk);
    await writeAll(handle, chunk).catch((error: unknown) => {
      throw diskError(error, dirname(order.to), (total ?? bytes) - bytes);
    });
    order.onProgress?.(bytes, total);
  }
  await handle.sync();
  return { bytes, digest: sha.digest('hex') };
}
