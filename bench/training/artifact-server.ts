/** Serves one store's artefacts as the model server does, in a process of its own. Prints its port. */
import Fastify from 'fastify';
import { openStore } from '../../adapters/artifacts/store.ts';
import { bytes } from '../../domain/units.ts';
import { serveArtifact } from '../../server/http/serve-artifact.ts';
import { Slots } from '../../server/http/slots.ts';

const store = await openStore(process.argv[2] ?? '.');
const slots = new Slots('downloads', 32, 8);
const app = Fastify({ exposeHeadRoutes: false });
app.get('/:digest', async (request, reply) => {
  const { digest = '' }: { digest?: string } = { ...(request.params as object) };
  const found = await store.stat(digest);
  const ref = { digest, bytes: bytes(found?.bytes ?? 0), mediaType: 'application/octet-stream' };
  return serveArtifact({ store, slots }, { request, reply, ref, owner: 'bench', onEnd: () => undefined });
});
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${address !== null && typeof address === 'object' ? address.port : 0}\n`);
