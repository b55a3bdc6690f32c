import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** A server of nothing but /metrics, for a process that serves nothing else. Call `listen` on it. */
export function buildMetricsServer(registry: Registry): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000 });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  return app;
}
