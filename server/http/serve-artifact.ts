import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactStore, ByteRange } from '../../adapters/artifacts/store.ts';
import { chunkListType } from '../../adapters/artifacts/transfer/chunk-list.ts';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { chunkManifestJson } from '../../domain/chunk-manifest.ts';
import { fail } from '../../domain/errors/error.ts';
import { checkConditions, etagOf, rangeStillFits } from './conditions.ts';
import { parseRange, type RangeAnswer } from './range.ts';
import { sendFile } from './send-file.ts';
import type { Slots } from './slots.ts';

/** A client that takes fewer bytes a second than this holds a place that another one waits for. */
const slowestBytesPerSecond = 64 * 1024;
const patienceMs = 60_000;

/** How an answer ended; `handed_over`: a proxy before this server sends the bytes. */
export type Ended = 'complete' | 'broken_off' | 'handed_over';

export interface Served {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly ref: Pick<ArtifactRef, 'digest' | 'bytes'> & { readonly mediaType: string };
  /** Who asks: places are shared out by it. */
  readonly owner: string;
  /** Called before the first byte; may refuse. */
  readonly admit?: () => Promise<void>;
  readonly onEnd: (ended: Ended, sizeBytes: number, elapsedMs: number) => void;
}

export interface Serving {
  readonly store: ArtifactStore;
  readonly slots: Slots;
  /** Where a proxy finds the store's files, for X-Accel-Redirect; undefined where this server sends them itself. */
  readonly accelPrefix?: string | undefined;
}

/** Between two ranges of one download nobody reads the file, and still it is in use. */
const betweenRangesMs = 60_000;
/** A proxy takes a file for as long as its client does; this server does not hear of the end. */
const handedOverMs = 15 * 60_000;

const wantsList = ({ query }: FastifyRequest): boolean =>
  typeof query === 'object' && query !== null && 'chunks' in query;

/**
 * Answers with an artefact: conditions, single ranges, HEAD. With `chunks` in the query, with the list of its chunks.
 * Headers that say more about it are the caller's, and set before.
 */
export async function serveArtifact(serving: Serving, served: Served): Promise<FastifyReply> {
  const { request, reply, ref, admit } = served;
  const { digest, bytes } = ref;
  if (wantsList(request)) {
    await admit?.();
    const letGo = await serving.store.hold(digest, betweenRangesMs);
    const list = await serving.store.chunks(digest).finally(letGo);
    return reply.type(chunkListType).send(JSON.stringify(chunkManifestJson(list)));
  }
  const etag = etagOf(digest);
  reply.header('etag', etag).header('accept-ranges', 'bytes').header('cache-control', 'no-store, no-transform');
  const condition = checkConditions(request.headers, etag);
  if (condition === 'precondition_failed') throw fail('OST_HTTP_CHANGED', { digest });
  if (condition === 'not_modified') return reply.code(304).send();
  const { range: asked } = request.headers;
  const range: RangeAnswer = rangeStillFits(request.headers['if-range'], etag)
    ? parseRange(asked, bytes)
    : { kind: 'whole' };
  if (range.kind === 'unsatisfiable') throw fail('OST_HTTP_RANGE', { range: asked ?? '', bytes });
  reply.type(ref.mediaType);
  const { accelPrefix } = serving;
  if (accelPrefix !== undefined) return await handOver(serving, served, accelPrefix);

  const part = range.kind === 'part' ? range : { begin: 0, end: bytes };
  reply.header('content-length', part.end - part.begin).header('x-accel-buffering', 'no');
  if (range.kind === 'part') {
    reply.code(206).header('content-range', `bytes ${part.begin}-${part.end - 1}/${bytes}`);
  }
  if (request.method === 'HEAD') return reply.send();
  return await sendPart(serving, served, part);
}

async function sendPart(
  { store, slots }: Serving,
  { reply, ref, owner, admit, onEnd }: Served,
  part: ByteRange,
): Promise<FastifyReply> {
  const place = slots.take(owner);
  const letGo = await store.hold(ref.digest, betweenRangesMs);
  const release = (): void => {
    letGo();
    place();
  };
  try {
    await admit?.();
    const handle = await store.open(ref.digest);
    // From here on the answer is ours: a refusal could not follow the first byte.
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    const started = performance.now();
    void sent(handle, part, reply.raw).then(async (ended) => {
      release();
      await handle.close();
      onEnd(ended, part.end - part.begin, performance.now() - started);
    });
    return reply;
  } catch (error) {
    release();
    throw error;
  }
}

/** Sends it, and settles in any case: also where the other side takes for ever, or its answer never gets its turn. */
async function sent(handle: FileHandle, part: ByteRange, response: ServerResponse): Promise<Ended> {
  const over = Promise.withResolvers<never>();
  const limitMs = patienceMs + ((part.end - part.begin) / slowestBytesPerSecond) * 1000;
  const giveUp = (): void => over.reject(new Error('its client is too slow, or gone'));
  const timer = setTimeout(giveUp, limitMs).unref();
  response.once('close', giveUp);
  try {
    await Promise.race([sendFile(handle, part, response), over.promise]);
    return 'complete';
  } catch {
    response.destroy();
    return 'broken_off';
  } finally {
    clearTimeout(timer);
    over.promise.catch(() => undefined);
  }
}

/** The proxy answers ranges itself; whether it may, and with what headers, was decided here. */
async function handOver(
  { store }: Serving,
  { reply, ref, admit, onEnd }: Served,
  prefix: string,
): Promise<FastifyReply> {
  await admit?.();
  (await store.hold(ref.digest, handedOverMs))();
  if (!(await store.has(ref.digest))) throw fail('OST_ARTIFACT_MISSING', { digest: ref.digest, folder: store.folder });
  onEnd('handed_over', 0, 0);
  return reply.header('x-accel-redirect', `${prefix.replace(/\/$/, '')}/${ref.digest}`).send();
}
