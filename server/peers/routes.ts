import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isAuthentic } from '../../adapters/peers/check.ts';
import { fail } from '../../domain/errors/error.ts';
import {
  everybody,
  maxBodyLength,
  peerPurposes,
  readPeerMessage,
  type SignedPeerMessage,
} from '../../domain/peers/message.ts';
import { cycleLength } from '../../domain/phases.ts';
import { downloadMessage } from '../../domain/signed-message.ts';
import { type Blocks, bytes, type Hotkey } from '../../domain/units.ts';
import { type Ended, serveArtifact } from '../http/serve-artifact.ts';
import { Slots } from '../http/slots.ts';
import type { ModelServerDeps } from '../model/deps.ts';
import { fieldsOf } from '../model/download-route.ts';
import type { ServerMetrics } from '../model/metrics.ts';
import { checkAddressee, type Fields, readSignedRequest, textField } from '../model/signed-request.ts';
import { checkSigner } from '../model/signer.ts';
import type { PeerServerDeps } from './deps.ts';
import { PeerRate } from './rate.ts';

/** Everything below it is signed by a validator with a permit; a bearer token is not asked for. */
export const peerPrefix = '/peers/';

/**
 * What validators ask each other: `POST /peers/messages` takes a signed message, `GET /peers/messages` lists those of a
 * purpose and cycle, `GET /peers/artifact` serves any artefact by its digest, with ranges. docs/peers.md has the wire
 * format.
 */
export async function peerRoutes(
  app: FastifyInstance,
  {
    deps,
    peers,
    metrics,
  }: { readonly deps: ModelServerDeps; readonly peers: PeerServerDeps; readonly metrics: ServerMetrics },
): Promise<void> {
  const rate = new PeerRate();
  const slots = new Slots('downloads of peers', deps.limits.concurrentDownloads);
  // The upload routes read their bodies as they come; these are small, and JSON alone.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: FastifyRequest, text: string) =>
    parse(text),
  );

  app.post(`${peerPrefix}messages`, { bodyLimit: 2 * maxBodyLength }, async ({ body }) => {
    const message = readPeerMessage(body);
    if (typeof message === 'string') throw fail('OST_PEER_MALFORMED', { problem: message });
    const head = await checkMessage(deps, peers, rate, message);
    const kept = await peers.messages.record(message, head);
    const { from, purpose, cycle } = message;
    if (kept === 'contradicts') throw fail('OST_PEER_CONTRADICTS', { hotkey: from, purpose, cycle });
    if (kept === 'new') {
      deps.log.info({ event: 'peer_message', hotkey: from, purpose, cycle, block: head }, `${purpose} of ${from}`);
    }
    return { status: kept };
  });

  app.get(`${peerPrefix}messages`, async (request) => {
    await authorize(deps, rate, fieldsOf(request));
    const fields = fieldsOf(request);
    const asked = textField(fields, 'purpose', /^[a-z-]{1,40}$/, 'what the messages say');
    const purpose = peerPurposes.find((each) => each === asked);
    if (purpose === undefined) throw fail('OST_HTTP_FIELD', { field: 'purpose', expected: peerPurposes.join(', ') });
    const cycle = Number(textField(fields, 'cycle', /^\d{1,12}$/, "a cycle's number"));
    const { genesis, netuid, messages } = peers;
    const list = await messages.list({ genesis, netuid, cycle, purpose });
    return { messages: list.map(({ message, receivedAtBlock }) => ({ message, received_at_block: receivedAtBlock })) };
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: `${peerPrefix}artifact`,
    handler: async (request, reply) => {
      const owner = await authorize(deps, rate, fieldsOf(request));
      const digest = textField(fieldsOf(request), 'digest', /^[0-9a-f]{64}$/, 'a SHA-256 in hex');
      const found = await deps.store.stat(digest);
      if (found === null) throw fail('OST_PEER_NO_ARTIFACT', { digest });
      const ref = { digest, bytes: bytes(found.bytes), mediaType: 'application/octet-stream' };
      // A signature is good for every range of every artefact while it is fresh: it gives no more than its signer may
      // have.
      const onEnd = (ended: Ended, sizeBytes: number) => ended === 'complete' && metrics.served.inc(sizeBytes);
      return await serveArtifact(
        { store: deps.store, slots, accelPrefix: deps.accelRedirectPrefix },
        { request, reply, ref, owner, onEnd },
      );
    },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail('OST_PEER_MALFORMED', { problem: 'it is no JSON' });
  }
}

/** The cheap checks first; the chain is asked only for what is signed, fresh and meant for this server. */
async function checkMessage(
  deps: ModelServerDeps,
  { genesis, netuid }: PeerServerDeps,
  rate: PeerRate,
  message: SignedPeerMessage,
): Promise<Blocks> {
  const { from, to, cycle, block } = message;
  if (message.genesis !== genesis || message.netuid !== netuid) {
    throw fail('OST_PEER_OTHER_SUBNET', { genesis: message.genesis, netuid: message.netuid });
  }
  const { number: head } = await deps.chain.head();
  const target = to === everybody ? deps.ownHotkey : to;
  checkAddressee({ target, block }, { ownHotkey: deps.ownHotkey, head, freshnessBlocks: deps.limits.freshnessBlocks });
  // By the originals' index, which follows from the lengths alone, whatever a deployment counts.
  const length = cycleLength(deps.schedule());
  const current = Math.floor(head / length);
  // The last block's message may arrive in the next cycle's first one.
  if (cycle !== current && cycle !== Math.floor(block / length)) throw fail('OST_PEER_CYCLE', { cycle, current });
  if (!isAuthentic(message, deps.verify)) throw fail('OST_HTTP_SIGNATURE', { hotkey: from });
  rate.count(from, performance.now());
  const registration = await deps.chain.registration(from);
  if (registration === null) throw fail('OST_HTTP_NOT_REGISTERED', { hotkey: from });
  if (!registration.validatorPermit) throw fail('OST_PEER_NO_PERMIT', { hotkey: from });
  return head;
}

async function authorize(deps: ModelServerDeps, rate: PeerRate, fields: Fields): Promise<Hotkey> {
  const signed = readSignedRequest(fields);
  const { number: head } = await deps.chain.head();
  checkAddressee(signed, { ownHotkey: deps.ownHotkey, head, freshnessBlocks: deps.limits.freshnessBlocks });
  const registration = await checkSigner(deps, signed, downloadMessage(deps.publicKey(deps.ownHotkey), signed.block));
  rate.count(signed.origin, performance.now());
  if (!registration.validatorPermit) throw fail('OST_PEER_NO_PERMIT', { hotkey: signed.origin });
  return signed.origin;
}
