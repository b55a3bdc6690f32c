import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fail } from '../../domain/errors/error.ts';
import { cycleOfIndex } from '../../domain/phases.ts';
import { downloadMessage } from '../../domain/signed-message.ts';
import { type Hotkey, hotkey } from '../../domain/units.ts';
import { Slots } from '../http/slots.ts';
import type { ModelServerDeps } from './deps.ts';
import { answer, fieldsOf, type Resource } from './download-route.ts';
import type { ServerMetrics } from './metrics.ts';
import { address, checkAddressee, readSignedRequest, type SignedRequest, textField } from './signed-request.ts';
import { checkSigner } from './signer.ts';

/**
 * `GET` and `HEAD` of `/submissions/:cycle/:hotkey`: a miner's file as this server took it, for the validators that
 * the miner is not assigned to. `cycle` is the originals' index, the block over the cycle's length, on which all agree.
 */
export function submissionFileRoute(app: FastifyInstance, deps: ModelServerDeps, metrics: ServerMetrics): void {
  const slots = new Slots('downloads', deps.limits.concurrentDownloads);
  app.route({
    method: ['GET', 'HEAD'],
    url: '/submissions/:cycle/:hotkey',
    handler: async (request, reply) => {
      const signed = await authorize(deps, request);
      const resource = await find(deps, request);
      return await answer(deps, { slots, metrics }, { request, reply, signed, resource });
    },
  });
}

/** Before anything is looked up: who has no permit is told nothing of others' files, not even whether they exist. */
async function authorize(deps: ModelServerDeps, request: FastifyRequest): Promise<SignedRequest> {
  const signed = readSignedRequest(fieldsOf(request));
  const { number: head } = await deps.chain.head();
  const { ownHotkey, limits } = deps;
  checkAddressee(signed, { ownHotkey, head, freshnessBlocks: limits.freshnessBlocks });
  const message = downloadMessage(deps.publicKey(ownHotkey), signed.block);
  const { validatorPermit } = await checkSigner(deps, signed, message);
  if (!validatorPermit) throw fail('OST_HTTP_NO_PERMIT', { hotkey: signed.origin });
  return signed;
}

async function find(deps: ModelServerDeps, { params }: FastifyRequest): Promise<Resource> {
  const { index, miner } = readPath(params);
  const cycle = cycleOfIndex(deps.schedule(), index);
  const file = cycle === null ? null : await deps.submissions.find(cycle, miner);
  if (file === null) throw fail('OST_SUBMISSION_NOT_HERE', { hotkey: miner, cycle: index });
  const { digest, bytes, group, modelHash } = file;
  return {
    name: `${miner}_${index}.safetensors`,
    group: `submission/${index}/${miner}`,
    ref: { digest, bytes, mediaType: 'application/vnd.safetensors' },
    headers: { 'x-part-hash': modelHash, 'x-expert-group': String(group) },
    version: null,
  };
}

function readPath(params: unknown): { readonly index: number; readonly miner: Hotkey } {
  const fields = typeof params === 'object' && params !== null ? { ...params } : {};
  const index = textField(fields, 'cycle', /^(0|[1-9]\d{0,14})$/, "the cycle's index, a number");
  return { index: Number(index), miner: hotkey(textField(fields, 'hotkey', address, 'an SS58 address')) };
}
