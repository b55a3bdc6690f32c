import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { fail } from '../../domain/errors/error.ts';
import type { PublishedModel } from '../../domain/model-manifest.ts';
import { downloadMessage } from '../../domain/signed-message.ts';
import { checkConditions, etagOf, rangeStillFits } from '../http/conditions.ts';
import { pathOf } from '../http/error-answer.ts';
import { humanBytes, humanSeconds, shortHotkey } from '../http/human.ts';
import { parseRange, type RangeAnswer } from '../http/range.ts';
import { Slots } from '../http/slots.ts';
import type { ModelServerDeps } from './deps.ts';
import type { ServerMetrics } from './metrics.ts';
import { checkAddressee, type Fields, readGroup, readSignedRequest, type SignedRequest } from './signed-request.ts';
import { checkSigner } from './signer.ts';

/** A client that takes fewer bytes a second than this holds a place that another one waits for. */
const slowestBytesPerSecond = 64 * 1024;
const patienceMs = 60_000;

/** One file of the model, with what its answer says of it. */
interface Resource {
  readonly name: string;
  /** As logs show it. */
  readonly group: string;
  readonly ref: ArtifactRef;
  /** Tensor hash of this file. */
  readonly hash: string;
  readonly model: PublishedModel;
}

/** `GET` and `HEAD` of `/model/partial`, `/model/get-checkpoint` (the same by its older name) and `/model/full`. */
export function downloadRoutes(app: FastifyInstance, deps: ModelServerDeps, metrics: ServerMetrics): void {
  const slots = new Slots('downloads', deps.limits.concurrentDownloads);
  const route = (url: string, full: boolean): void => {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => {
        const signed = await authorize(deps, fieldsOf(request), full);
        const resource = await find(deps, full ? null : readGroup(fieldsOf(request)));
        return await answer(deps, { slots, metrics }, { request, reply, signed, resource });
      },
    });
  };
  route('/model/partial', false);
  route('/model/get-checkpoint', false);
  route('/model/full', true);
}

const fieldsOf = ({ query }: FastifyRequest): Fields =>
  typeof query === 'object' && query !== null ? { ...query } : {};

async function authorize(deps: ModelServerDeps, fields: Fields, full: boolean): Promise<SignedRequest> {
  const signed = readSignedRequest(fields);
  if (!full) readGroup(fields);
  const head = await deps.chain.head();
  const { ownHotkey, limits } = deps;
  checkAddressee(signed, { ownHotkey, head: head.number, freshnessBlocks: limits.freshnessBlocks });
  const message = downloadMessage(deps.publicKey(ownHotkey), signed.block);
  const { validatorPermit } = await checkSigner(deps, signed, message);
  if (full && !validatorPermit) throw fail('OST_HTTP_NO_PERMIT', { hotkey: signed.origin });
  return signed;
}

async function find(deps: ModelServerDeps, group: 'shared' | number | null): Promise<Resource> {
  const model = await deps.manifest();
  if (model === null) throw fail('OST_HTTP_NO_MODEL', {});
  const { parts, full, hash, version } = model.manifest;
  if (group === null) return { name: `step${version}.safetensors`, group: 'all', ref: full, hash, model };
  const part = parts.find((each) => each.part === group);
  if (part === undefined) {
    throw fail('OST_HTTP_UNKNOWN_GROUP', { group, parts: parts.map((each) => each.part).join(', ') });
  }
  const name = `step${version}_${group === 'shared' ? group : `expgroup_${group}`}.safetensors`;
  return { name, group: String(group), ref: part.ref, hash: part.hash, model };
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signed: SignedRequest;
  readonly resource: Resource;
}

async function answer(
  deps: ModelServerDeps,
  { slots, metrics }: { readonly slots: Slots; readonly metrics: ServerMetrics },
  exchange: Exchange,
): Promise<FastifyReply> {
  const { request, reply, resource } = exchange;
  const { digest, bytes } = resource.ref;
  const etag = etagOf(digest);
  describe(reply, resource);
  const condition = checkConditions(request.headers, etag);
  if (condition === 'precondition_failed') throw fail('OST_HTTP_CHANGED', { digest });
  if (condition === 'not_modified') return reply.code(304).send();

  const { range: asked } = request.headers;
  const range: RangeAnswer = rangeStillFits(request.headers['if-range'], etag)
    ? parseRange(asked, bytes)
    : { kind: 'whole' };
  if (range.kind === 'unsatisfiable') throw fail('OST_HTTP_RANGE', { range: asked ?? '', bytes });
  const part = range.kind === 'part' ? range : { begin: 0, end: bytes };
  reply.header('content-type', resource.ref.mediaType).header('content-length', part.end - part.begin);
  if (range.kind === 'part') {
    reply.code(206).header('content-range', `bytes ${part.begin}-${part.end - 1}/${bytes}`);
  }
  if (request.method === 'HEAD') return reply.send();

  const release = slots.take();
  try {
    await checkReplay(deps, exchange);
    const stream = await deps.store.open(digest, part.end > part.begin ? part : undefined);
    watch(deps, metrics, exchange, { sizeBytes: part.end - part.begin, release });
    return await reply.send(stream);
  } catch (error) {
    release();
    throw error;
  }
}

function describe(reply: FastifyReply, { ref, hash, model, name }: Resource): void {
  reply
    .header('etag', etagOf(ref.digest))
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'no-store, no-transform')
    .header('x-accel-buffering', 'no')
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('x-model-version', String(model.manifest.version))
    .header('x-model-hash', model.manifest.hash)
    .header('x-model-manifest', model.manifestDigest)
    .header('x-part-hash', hash);
}

/**
 * A signature counts once for each file. A range of the same file may use it again while it is fresh: that is how a
 * download that broke off goes on, and how one is fetched in several pieces. The signed message, fixed by the
 * originals, names no file, so that a replay could give no more than what the signer may fetch anyway.
 */
async function checkReplay({ requests }: ModelServerDeps, { request, signed, resource }: Exchange): Promise<void> {
  const { origin, block, signatureText } = signed;
  const first = await requests.once(`download/${origin}/${signatureText}/${resource.group}`, block);
  if (!first && request.headers.range === undefined) throw fail('OST_HTTP_REPLAYED', { hotkey: origin, block });
}

/** Counts and logs the answer when it has ended, however it ends, and ends one that takes for ever. */
function watch(
  { log }: ModelServerDeps,
  metrics: ServerMetrics,
  { request, reply, signed, resource }: Exchange,
  { sizeBytes, release }: { readonly sizeBytes: number; readonly release: () => void },
): void {
  const started = performance.now();
  const limitMs = patienceMs + (sizeBytes / slowestBytesPerSecond) * 1000;
  const timer = setTimeout(() => reply.raw.destroy(), limitMs).unref();
  reply.raw.once('close', () => {
    clearTimeout(timer);
    release();
    const complete = reply.raw.writableFinished;
    const elapsedMs = performance.now() - started;
    if (complete) metrics.served.inc(sizeBytes);
    const how = complete ? 'served' : 'broken off';
    log.info(
      {
        event: complete ? 'model_served' : 'model_broken_off',
        hotkey: signed.origin,
        group: resource.group,
        version: resource.model.manifest.version,
        digest: resource.ref.digest,
        bytes: sizeBytes,
        elapsedMs: Math.round(elapsedMs),
      },
      `${request.method} ${pathOf(request)} | hotkey: ${shortHotkey(signed.origin)} | group: ${resource.group} | ` +
        `${humanBytes(sizeBytes)} ${how} in ${humanSeconds(elapsedMs)}`,
    );
  });
}
