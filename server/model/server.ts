import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { fail } from '../../domain/errors/error.ts';
import { checkBearer } from '../http/bearer.ts';
import { asAnswer, pathOf, sendError, statusOf } from '../http/error-answer.ts';
import { peerPrefix, peerRoutes } from '../peers/routes.ts';
import { modelAnnouncer } from './announce-model.ts';
import type { ModelServerDeps } from './deps.ts';
import { downloadRoutes } from './download-route.ts';
import { Intake } from './intake.ts';
import { type ServerMetrics, serverMetrics } from './metrics.ts';
import { originalsRoutes } from './originals-routes.ts';
import { phasePaths, phaseRoutes } from './phase-routes.ts';
import { resumableRoutes } from './resumable-route.ts';
import { standingMetrics } from './standing-metrics.ts';
import { submissionFileRoute } from './submission-file-route.ts';
import { submitRoutes } from './submit-route.ts';
import { verdictRoute } from './verdict-route.ts';

/** Open to everybody: what a load balancer asks for. */
const openPaths: ReadonlySet<string> = new Set(['/ping', '/health', ...phasePaths]);
/** For the other validators, who have no token of this server; a signature says who they are. */
const signedPaths = [peerPrefix, '/submissions/'] as const;
/** How long a refused upload may go on sending, so that its client gets to read the answer. */
const drainMs = 5000;

/**
 * Builds the model server: distribution of the model, and intake of the miners' checkpoints. Call `listen` on it.
 *
 * Nothing of it is kept in memory that a restart would miss; several may run beside each other on one ledger.
 */
export async function buildModelServer(deps: ModelServerDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    // A socket on which nothing moves is dead, whichever side it was.
    connectionTimeout: 60_000,
    requestTimeout: deps.limits.uploadTimeoutMs + 30_000,
    forceCloseConnections: true,
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    routerOptions: { ignoreTrailingSlash: true },
  });
  const metrics = serverMetrics(deps.metrics);
  const current = modelAnnouncer(deps, metrics);
  await current();

  app.decorateRequest('refusal', '');
  app.setErrorHandler((error, request, reply) => refuse(deps, reply, request, error));
  app.setNotFoundHandler((request, reply) =>
    refuse(deps, reply, request, fail('OST_HTTP_NOT_FOUND', { method: request.method, path: pathOf(request) })),
  );
  app.addHook('onRequest', async (request) => {
    const path = pathOf(request);
    if (openPaths.has(path) || signedPaths.some((prefix) => path.startsWith(prefix))) return;
    const refusal = checkBearer(deps.token, request.headers.authorization, path);
    if (refusal !== null) throw refusal;
  });
  app.addHook('onResponse', async (request, reply) => {
    count(metrics, request, reply);
    drain(request);
  });
  app.addHook('onListen', async () => {
    const address = app.server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    deps.log.info({ event: 'server_ready', port }, `Server ready on port ${port}`);
  });

  app.get('/ping', async () => ({ status: 'ok' }));
  app.get('/health', async () => {
    const model = await current();
    return {
      status: model === null ? 'no_model' : 'ok',
      hotkey: deps.ownHotkey,
      model_version: model?.manifest.version ?? null,
      model_hash: model?.manifest.hash ?? null,
    };
  });
  const readStanding = standingMetrics(deps.metrics, deps.standing);
  app.get('/metrics', async (_request, reply) => {
    // A ledger that cannot be read just now must not hide what the server itself has counted.
    await readStanding().catch((error: unknown) =>
      deps.log.warn({ event: 'standing_unread', err: error }, 'The ledger could not be read for /metrics'),
    );
    return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
  const announcing = { ...deps, manifest: current };
  downloadRoutes(app, announcing, metrics);
  phaseRoutes(app, deps);
  submissionFileRoute(app, announcing, metrics);
  await originalsRoutes(app, announcing, metrics);
  // Bodies are read as they come: a parser would have them in memory first.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const intake = new Intake(announcing, metrics);
  submitRoutes(app, announcing, intake);
  await resumableRoutes(app, announcing, intake);
  verdictRoute(app, deps);
  const { peers } = deps;
  // A scope of its own, for its bodies are read in another way.
  if (peers !== undefined) await app.register((scope) => peerRoutes(scope, { deps: announcing, peers, metrics }));
  return app;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The code that it was refused with, or nothing. */
    refusal: string;
  }
}

async function refuse(
  { log }: ModelServerDeps,
  reply: FastifyReply,
  request: FastifyRequest,
  thrown: unknown,
): Promise<FastifyReply> {
  const error = asAnswer(thrown, request.method, pathOf(request));
  request.refusal = error.code;
  const status = statusOf(error);
  const fields = { event: 'request_refused', method: request.method, path: pathOf(request), status, code: error.code };
  const message = `${request.method} ${pathOf(request)} | refused ${status} ${error.code}: ${error.message}`;
  if (status >= 500) log.error({ ...fields, err: error }, message);
  // Not there yet: whoever waits for it asks again and again, and that is no news to an operator.
  else if (status === 404 && error.retryable) log.debug(fields, message);
  else log.info(fields, message);
  return await sendError(reply, error);
}

function count(metrics: ServerMetrics, request: FastifyRequest, reply: FastifyReply): void {
  // The route as declared: paths of strangers would be labels without end.
  const route = request.routeOptions.url ?? 'unknown';
  const labels = { route, method: request.method, status: String(reply.statusCode), code: request.refusal };
  metrics.requests.inc(labels);
  metrics.duration.observe({ route }, reply.elapsedTime / 1000);
}

/**
 * Lets a refused upload run on for a moment. Closing a socket with unread bytes resets it, and the client would see
 * a broken line instead of the answer.
 */
function drain({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  const timer = setTimeout(() => raw.socket.destroy(), drainMs).unref();
  raw.once('close', () => clearTimeout(timer)).resume();
}
