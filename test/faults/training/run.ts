import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { startTestServer, stopTestServer } from '../../setup/server.ts';
import { alone } from './alone.ts';
import { Matrix } from './matrix.ts';
import { seeds } from './points.ts';
import { severalCast } from './several.ts';

// `npm run faults -- training [--point TEXT] [--seed N] [--cast alone|several] [--at-once N] [--pack N]`: a cycle with somebody killed at every
// point and with every seed, several of them in one run, compared with the cycle of that seed in which nobody is.

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    point: { type: 'string' },
    seed: { type: 'string' },
    cast: { type: 'string' },
    'at-once': { type: 'string', default: '3' },
    pack: { type: 'string', default: '7' },
  },
});

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const folder = mkdtempSync(join(tmpdir(), 'ostinato-faults-'));
const { address } = await startTestServer(folder);
const connection = await Connection.connect({ address });
const open: Matrix[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(
    signal,
    () =>
      void Promise.all(open.map((matrix) => matrix.close()))
        .then(() => stopTestServer(folder))
        .finally(() => process.exit(130)),
  );
}
const beganMs = Date.now();
const minutes = (): string => ((Date.now() - beganMs) / 60_000).toFixed(1);
const chosen = values.seed === undefined ? seeds : [Number(values.seed)];
// Points that are asked for by name are played one by one.
const size = values.point === undefined ? Number(values.pack) : 1;
const bad: string[] = [];

await using several = await severalCast();
const casts = [alone, several].filter(({ name }) => values.cast === undefined || name === values.cast);
for (const cast of casts) {
  const matrix = await Matrix.open({ connection, address, cast, lanes: Number(values['at-once']), cycles: 1 });
  open.push(matrix);
  const calm = await matrix.playCalm(chosen);
  for (const [seed, { seconds }] of calm) write(`calm ${cast.name}, seed ${seed} (${seconds.toFixed(1)} s)`);
  const points = cast
    .points([...calm.values()][0]?.noted ?? [])
    .filter(({ name }) => name.includes(values.point ?? ''));
  const runs = chosen.flatMap((seed) => matrix.packed(points, seed, size));
  write(`${points.length} points, ${chosen.length} seeds, ${runs.length} runs (${minutes()} min)`);
  await matrix.playAll(runs, ({ points: killed, seed, wrong, seconds }) => {
    const names = killed.map(({ name }) => name).join('; ');
    write(`${wrong === null ? 'ok  ' : 'FAIL'} ${cast.name}, seed ${seed}: ${names} (${seconds.toFixed(1)} s)`);
    if (wrong === null) return;
    write(`     ${wrong}`);
    bad.push(`${cast.name}, seed ${seed}: ${names}`);
  });
}
write(
  `${bad.length === 0 ? 'every run ended as the run without kills' : `${bad.length} runs differ`}, in ${minutes()} min`,
);
for (const each of bad) write(`FAIL ${each}`);
await connection.close();
await stopTestServer(folder);
process.exit(bad.length === 0 ? 0 : 1);
