import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { startTestServer, stopTestServer } from '../../setup/server.ts';
import { Matrix } from './matrix.ts';
import { pointsOf, seeds } from './points.ts';

// `npm run faults -- training [--point TEXT] [--seed N] [--at-once N]`: one cycle for every point and every seed, with
// somebody killed at that point, compared with the cycle of that seed in which nobody is.

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    point: { type: 'string', default: '' },
    seed: { type: 'string' },
    'at-once': { type: 'string', default: '3' },
  },
});

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const folder = mkdtempSync(join(tmpdir(), 'ostinato-faults-'));
const server = await startTestServer(folder);
const connection = await Connection.connect({ address: server.address });
const matrix = await Matrix.open(connection, server.address, Number(values['at-once']));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(
    signal,
    () =>
      void matrix
        .close()
        .then(() => stopTestServer(folder))
        .finally(() => process.exit(130)),
  );
}
const beganMs = Date.now();
const chosen = values.seed === undefined ? seeds : [Number(values.seed)];
const calm = await matrix.playCalm(chosen);
for (const [seed, { seconds }] of calm) write(`calm nobody is killed, seed ${seed} (${seconds.toFixed(1)} s)`);

const points = pointsOf([...calm.values()][0]?.noted ?? []).filter(({ name }) => name.includes(values.point));
write(`${points.length} points, ${chosen.length} seeds`);
const runs = chosen.flatMap((seed) => points.map((point) => ({ point, seed })));
const bad: string[] = [];
await matrix.playAll(runs, ({ point, seed, wrong, seconds }) => {
  write(`${wrong === null ? 'ok  ' : 'FAIL'} ${point.name}, seed ${seed} (${seconds.toFixed(1)} s)`);
  if (wrong === null) return;
  write(`     ${wrong}`);
  bad.push(`${point.name}, seed ${seed}`);
});
const minutes = ((Date.now() - beganMs) / 60_000).toFixed(1);
write(`${runs.length - bad.length} of ${runs.length} runs ended as the run without kills, in ${minutes} min`);
for (const each of bad) write(`FAIL ${each}`);
await connection.close();
await stopTestServer(folder);
process.exit(bad.length === 0 ? 0 : 1);
