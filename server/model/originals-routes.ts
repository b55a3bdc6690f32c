import { stat } from 'node:fs/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fail } from '../../domain/errors/error.ts';
import { readFormFields } from '../http/form-fields.ts';
import { Slots } from '../http/slots.ts';
import type { ModelServerDeps } from './deps.ts';
import { answer, authorize, fieldsOf, find, type Resource, rangesPerHotkey } from './download-route.ts';
import type { ServerMetrics } from './metrics.ts';
import { type Fields, readGroup } from './signed-request.ts';
import { TorchCopies } from './torch-copies.ts';

/**
 * The routes of the originals' servers, so that their clients need no change. `GET /get-checkpoint` carries a form in
 * its body and answers with a file of torch.save; `POST /submit-checkpoint` is {@link submitRoutes}'. `/status` is as
 * empty as theirs.
 */
export async function originalsRoutes(
  app: FastifyInstance,
  deps: ModelServerDeps,
  metrics: ServerMetrics,
): Promise<void> {
  const copies = await TorchCopies.open(deps.store);
  const slots = new Slots('downloads', deps.limits.concurrentDownloads, rangesPerHotkey);
  const prefix = deps.accelRedirectPrefix?.replace(/\/$/, '');
  const from = { ...deps, store: copies.store, accelRedirectPrefix: prefix === undefined ? prefix : `${prefix}/torch` };

  app.route({
    method: ['GET', 'HEAD'],
    url: '/get-checkpoint',
    handler: async (request, reply) => {
      const fields = await allFields(request);
      const signed = await authorize(deps, fields, false);
      const resource = await torchResource(deps, copies, fields);
      return await answer(from, { slots, metrics }, { request, reply, signed, resource });
    },
  });
  app.get('/status', async () => ({}));
}

/** From the body, as the originals' clients send them, or from the query. */
const allFields = async (request: FastifyRequest): Promise<Fields> => ({
  ...fieldsOf(request),
  ...(await readFormFields(request.raw)),
});

async function torchResource(deps: ModelServerDeps, copies: TorchCopies, fields: Fields): Promise<Resource> {
  const model = await deps.manifest();
  if (model === null) throw fail('OST_HTTP_NO_MODEL', {});
  // The originals looked for a whole model here, and had none.
  if (!Object.hasOwn(fields, 'expert_group_id')) {
    const parts = model.manifest.parts.map(({ part }) => part).join(', ');
    throw fail('OST_HTTP_UNKNOWN_GROUP', { group: '', parts });
  }
  const part = await find(deps, readGroup(fields));
  const ref = await copies.of(part.ref, model.manifest);
  const { mtime } = await stat(copies.store.path(ref.digest));
  const headers = { ...part.headers, 'last-modified': mtime.toUTCString() };
  return { ...part, name: `step${model.manifest.version}`, group: `${part.group}.pt`, ref, headers };
}
