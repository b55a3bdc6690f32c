import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { ensureNamespace } from '../../../temporal/namespaces.ts';
import { registerSearchAttributes } from '../../../temporal/search-attributes.ts';
import { workflowBundle } from '../../../workers/bundle.ts';
import { startTestServer, stopTestServer } from '../../setup/server.ts';
import { points, seedsOfPoint } from './matrix.ts';
import { complaint, play } from './play.ts';
import { openWorld } from './world.ts';

// `npm run faults -- chain [--only TEXT] [--seeds N] [--at-once N]`: every point of the matrix with every seed.

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: String(seedsOfPoint.length) },
    'at-once': { type: 'string', default: '4' },
  },
});

/** A run that takes so long hangs: the longest wait for a reveal of one tempo, on a slow machine. */
const longestRunMs = 180_000;

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

Runtime.install({
  // Workflows log what the faults make them log; what counts is what the chain holds.
  logger: new DefaultLogger('ERROR', ({ level, meta, message }) => {
    if (!JSON.stringify(meta ?? {}).includes('"workflow"')) write(`${level} ${message}`);
  }),
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});
const folder = mkdtempSync(join(tmpdir(), 'ostinato-faults-'));
const [server, { codePath: bundlePath }] = await Promise.all([startTestServer(folder), workflowBundle()]);
const connection = await Connection.connect({ address: server.address });
const namespace = 'faults';
await ensureNamespace(connection, namespace, 1);
await registerSearchAttributes(connection, namespace);
const client = new Client({ connection, namespace });
const world = await openWorld({ address: server.address, namespace, client, bundlePath, folder });

const runs = points
  .filter(({ name }) => name.includes(values.only))
  .flatMap((point) => seedsOfPoint.slice(0, Number(values.seeds)).map((seed) => ({ point, seed })));
const bad: string[] = [];
const startedAt = Date.now();
let done = 0;

async function work(): Promise<void> {
  for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
    const { point, seed } = next;
    const since = Date.now();
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('it hangs')), longestRunMs).unref();
    });
    const result = await Promise.race([play(world, point, seed), late]).then(
      (played) => ({ wrong: complaint(point, played), blocks: played.blocks }),
      (error: unknown) => ({ wrong: error instanceof Error ? error.message : String(error), blocks: 0 }),
    );
    done += 1;
    const seconds = ((Date.now() - since) / 1000).toFixed(1);
    write(
      `${result.wrong === null ? 'ok  ' : 'FAIL'} ${point.name}, seed ${seed} (${result.blocks} blocks, ${seconds} s)`,
    );
    if (result.wrong !== null) {
      write(`     ${result.wrong}`);
      bad.push(`${point.name}, seed ${seed}: ${result.wrong}`);
    }
  }
}

await Promise.all(Array.from({ length: Number(values['at-once']) }, work));
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
write(`${done - bad.length} of ${done} runs ended with nothing lost and nothing twice, in ${minutes} min`);
await world.close();
await connection.close();
await stopTestServer(folder);
process.exit(bad.length === 0 ? 0 : 1);
