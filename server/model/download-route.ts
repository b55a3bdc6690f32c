import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { fail } from '../../domain/errors/error.ts';
import type { PublishedModel } from '../../domain/model-manifest.ts';
import { downloadMessage } from '../../domain/signed-message.ts';
import { pathOf } from '../http/error-answer.ts';
import { humanBytes, humanSeconds, shortHotkey } from '../http/human.ts';
import { type Ended, serveArtifact } from '../http/serve-artifact.ts';
import { Slots } from '../http/slots.ts';
import type { ModelServerDeps } from './deps.ts';
import type { ServerMetrics } from './metrics.ts';
import { checkAddressee, type Fields, readGroup, readSignedRequest, type SignedRequest } from './signed-request.ts';
import { checkSigner } from './signer.ts';

/** More ranges at a time make nothing faster, and cost the server a file each. */
export const rangesPerHotkey = 8;

/** A file with what its answer says of it. */
export interface Resource {
  readonly name: string;
  /** What logs and the replay guard call it. */
  readonly group: string;
  readonly ref: ArtifactRef;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the model that it is a part of; null for what is none. */
  readonly version: number | null;
}

/** `GET` and `HEAD` of `/model/partial`, `/model/get-checkpoint` (the same by its older name) and `/model/full`. */
export function downloadRoutes(app: FastifyInstance, deps: ModelServerDeps, metrics: ServerMetrics): void {
  const slots = new Slots('downloads', deps.limits.concurrentDownloads, rangesPerHotkey);
  const route = (url: string, full: boolean): void => {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => {
        const group = full ? null : readGroup(fieldsOf(request));
        const signed = await authorize(deps, fieldsOf(request), full);
        const resource = await find(deps, group);
        return await answer(deps, { slots, metrics }, { request, reply, signed, resource });
      },
    });
  };
  route('/model/partial', false);
  route('/model/get-checkpoint', false);
  route('/model/full', true);
}

export const fieldsOf = ({ query }: FastifyRequest): Fields =>
  typeof query === 'object' && query !== null ? { ...query } : {};

export async function authorize(deps: ModelServerDeps, fields: Fields, full: boolean): Promise<SignedRequest> {
  const signed = readSignedRequest(fields);
  const head = await deps.chain.head();
  const { ownHotkey, limits } = deps;
  checkAddressee(signed, { ownHotkey, head: head.number, freshnessBlocks: limits.freshnessBlocks });
  const message = downloadMessage(deps.publicKey(ownHotkey), signed.block);
  const { validatorPermit } = await checkSigner(deps, signed, message);
  if (full && !validatorPermit) throw fail('OST_HTTP_NO_PERMIT', { hotkey: signed.origin });
  return signed;
}

export async function find(deps: ModelServerDeps, group: 'shared' | number | null): Promise<Resource> {
  const model = await deps.manifest();
  if (model === null) throw fail('OST_HTTP_NO_MODEL', {});
  const { parts, full, hash, version } = model.manifest;
  if (group === null) {
    return { name: `step${version}.safetensors`, group: 'all', ref: full, headers: headersOf(model, hash), version };
  }
  const part = parts.find((each) => each.part === group);
  if (part === undefined) {
    throw fail('OST_HTTP_UNKNOWN_GROUP', { group, parts: parts.map((each) => each.part).join(', ') });
  }
  const name = `step${version}_${group === 'shared' ? group : `expgroup_${group}`}.safetensors`;
  return { name, group: String(group), ref: part.ref, headers: headersOf(model, part.hash), version };
}

const headersOf = ({ manifest, manifestDigest }: PublishedModel, partHash: string): Resource['headers'] => ({
  'x-model-version': String(manifest.version),
  'x-model-hash': manifest.hash,
  'x-model-manifest': manifestDigest,
  'x-part-hash': partHash,
});

export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signed: SignedRequest;
  readonly resource: Resource;
}

/** Sends a file, or the part of it that is asked for; what the client has already, or a HEAD, costs no slot. */
export async function answer(
  deps: ModelServerDeps,
  { slots, metrics }: { readonly slots: Slots; readonly metrics: ServerMetrics },
  exchange: Exchange,
): Promise<FastifyReply> {
  const { request, reply, resource, signed } = exchange;
  describe(reply, resource);
  return await serveArtifact(
    { store: deps.store, slots, accelPrefix: deps.accelRedirectPrefix },
    {
      request,
      reply,
      ref: resource.ref,
      owner: signed.origin,
      admit: () => checkReplay(deps, exchange),
      onEnd: (ended, sizeBytes, elapsedMs) => tell(deps, metrics, exchange, { ended, sizeBytes, elapsedMs }),
    },
  );
}

function describe(reply: FastifyReply, { headers, name }: Resource): void {
  reply.header('content-disposition', `attachment; filename="${name}"`).headers(headers);
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

interface End {
  readonly ended: Ended;
  readonly sizeBytes: number;
  readonly elapsedMs: number;
}

const events = {
  complete: ['model_served', 'served'],
  broken_off: ['model_broken_off', 'broken off'],
  handed_over: ['model_handed_over', 'handed to the proxy'],
} as const;

/** Counts and logs the answer when it has ended, however it ends. */
function tell(
  { log }: ModelServerDeps,
  metrics: ServerMetrics,
  { request, signed, resource }: Exchange,
  { ended, sizeBytes, elapsedMs }: End,
): void {
  if (ended === 'complete') metrics.served.inc(sizeBytes);
  const [event, how] = events[ended];
  log.info(
    {
      event,
      hotkey: signed.origin,
      group: resource.group,
      version: resource.version,
      digest: resource.ref.digest,
      bytes: sizeBytes,
      elapsedMs: Math.round(elapsedMs),
    },
    `${request.method} ${pathOf(request)} | hotkey: ${shortHotkey(signed.origin)} | group: ${resource.group} | ` +
      `${humanBytes(sizeBytes)} ${how} in ${humanSeconds(elapsedMs)}`,
  );
}
