/**
 * Speed of proof of loss on the reference model, each figure against an anchor taken in the same run; see
 * bench/README.md. Exits with 1 where a bar is missed.
 *
 * Run: node bench/training/evaluation.ts [submissions | batches | memory …] [rounds]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../adapters/artifacts/safetensors-header.ts';
import { readModelDescription } from '../../adapters/model/description.ts';
import type { EvaluationJob, Evaluator } from '../../adapters/model/evaluator.ts';
import { startEvaluators } from '../../adapters/model/evaluator-pool.ts';
import { assembleParts, replaceGroup } from '../../adapters/model/parts.ts';
import { rowsAtOnce } from '../../adapters/model/rows-at-once.ts';
import { evaluationFields } from '../../config/schema/evaluation.ts';
import type { Result } from '../chain/result.ts';
import { rounded, spreadOf, timed } from '../chain/spread.ts';
import { askedFor, type Measurements, runMeasurements } from '../run-measurements.ts';
import type { BareOrder } from './bare-loop.ts';
import { cpuSeconds, residentMiB } from './process-figures.ts';

const modelFolder = join(import.meta.dirname, '../../models/reference');
const groups = 4;
const base = assembleParts(modelFolder, groups);
const threads = 2;
/** What a deployment takes that says nothing of it. */
const usual = {
  rows: evaluationFields.eval_rows.parse(undefined),
  batch: evaluationFields.eval_batch_size.parse(undefined),
};
/** What the evaluator makes of it. */
const chosen = rowsAtOnce(usual.batch, await readModelDescription(modelFolder));
const heldOutRows = 400;

interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly evaluator: Evaluator;
  readonly pid: () => number;
}

async function ground(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-bench-'));
  let last = 0;
  const onChild = (pid: number): void => {
    last = pid;
  };
  const evaluator = await startEvaluators({ modelFolder, processes: 1, threads, onChild });
  return {
    folder,
    evaluator,
    pid: () => last,
    async [Symbol.asyncDispose]() {
      await evaluator.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Somebody's file: the group's weights with one value of them changed. */
async function submission(folder: string, group: number, number: number): Promise<string> {
  const own = base.groups[group] ?? '';
  const [bytes, { headerBytes }] = await Promise.all([readFile(own), readSafetensorsHeader(own)]);
  bytes.writeFloatLE(0.001 * number, headerBytes + 4 * number);
  const path = join(folder, `submission-${number}.safetensors`);
  await writeFile(path, bytes);
  return path;
}

const drawn = (count: number): readonly number[] => Array.from({ length: count }, () => randomInt(heldOutRows));

function jobOf(group: number, path: string, rows: readonly number[]): EvaluationJob {
  const parts = replaceGroup(base, group, path);
  return { parts, group, rows: rows.map((row) => ({ group, row })), batchSize: usual.batch, timeoutMs: 600_000 };
}

async function startBare(folder: string): Promise<ChildProcess> {
  const child = fork(new URL('./bare-loop.ts', import.meta.url), [modelFolder, folder, String(threads)]);
  await once(child, 'message');
  return child;
}

async function bareRun(child: ChildProcess, order: BareOrder): Promise<void> {
  const done = once(child, 'message');
  child.send(order);
  await done;
}

/**
 * A cycle's submissions, each in turns with the runs that judging it takes: with the base's in each group's first one.
 */
async function measureSubmissions(rounds: number): Promise<readonly Result[]> {
  await using place = await ground();
  const { folder, evaluator } = place;
  const bare = await startBare(folder);
  const count = 64;
  const files = await Promise.all(Array.from({ length: count }, (_, at) => submission(folder, at % groups, at)));
  const found = { wall: [] as number[], cpu: [] as number[], perSubmission: [] as number[] };
  try {
    // Both sides are warm: the sessions of all groups are open.
    for (let group = 0; group < groups; group += 1) {
      await evaluator.compare(jobOf(group, files[group] ?? '', [0]), base);
      await bareRun(bare, { group, rows: [0], batchSize: 1 });
    }
    for (let round = 0; round < rounds; round += 1) {
      // Others in each round, as in each cycle, so that nothing of them is known yet.
      const rows = Array.from({ length: groups }, () => [...new Set(drawn(2 * usual.rows))].slice(0, usual.rows));
      const total = { ours: 0, bare: 0 };
      const pids = { ours: [process.pid, place.pid()], bare: [bare.pid ?? 0] };
      const cpu = { ours: 0, bare: 0 };
      for (const [at, file] of files.entries()) {
        const group = at % groups;
        const own = rows[group] ?? [];
        // The base's rows of a group in its first submission, in runs of their own, as the evaluator has them.
        const orders = Array.from({ length: at < groups ? 2 : 1 }, () => ({ group, rows: own, batchSize: chosen }));
        const sides = [
          ['ours', () => evaluator.compare(jobOf(group, file, own), base)],
          [
            'bare',
            async () => {
              for (const order of orders) await bareRun(bare, order);
            },
          ],
        ] as const;
        for (const [side, work] of at % 2 === round % 2 ? sides : sides.toReversed()) {
          const before = await cpuSeconds(pids[side]);
          total[side] += await timed(work);
          cpu[side] += (await cpuSeconds(pids[side])) - before;
        }
      }
      found.wall.push(total.ours / total.bare);
      found.cpu.push(cpu.ours / cpu.bare);
      found.perSubmission.push(total.ours / count);
    }
  } finally {
    const ended = once(bare, 'exit');
    bare.kill();
    await ended;
  }
  const wall = spreadOf(found.wall);
  const figures = {
    timesBareLoop: rounded(wall),
    bar: 1.05,
    cpuTimesBareLoop: rounded(spreadOf(found.cpu)),
    msPerSubmission: rounded(spreadOf(found.perSubmission)),
    rows: usual.rows,
    batch: Math.min(chosen, usual.rows),
  };
  return [{ name: `${count} submissions`, passed: wall.median <= 1.05, figures }];
}

/** The runs that the evaluator makes of the usual batches, against a bare loop with batches of many sizes. */
async function measureBatches(rounds: number): Promise<readonly Result[]> {
  await using place = await ground();
  const { folder, evaluator } = place;
  const bare = await startBare(folder);
  const sizes = [1, 2, 4, 8, 16, 32, 64, 128];
  const files = await Promise.all([0, 1, 2].map((number) => submission(folder, 0, number)));
  const rows = Array.from({ length: 128 }, (_, row) => row * 3);
  let turn = 0;
  const sides = [
    // Of two files at a time losses are known; the third is always new.
    { name: 'ours', run: () => evaluator.evaluate(jobOf(0, files[turn++ % files.length] ?? '', rows)) },
    ...sizes.map((batchSize) => ({ name: String(batchSize), run: () => bareRun(bare, { group: 0, rows, batchSize }) })),
  ].map((side) => ({ ...side, rates: [] as number[] }));
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const { run, rates } of round % 2 === 0 ? sides : sides.toReversed()) {
        const ms = await timed(run);
        // The first round warms both up.
        if (round >= 0) rates.push(rows.length / (ms / 1000));
      }
    }
  } finally {
    const ended = once(bare, 'exit');
    bare.kill();
    await ended;
  }
  const [ours, ...sweep] = sides;
  const best = spreadOf(sweep.map(({ rates }) => spreadOf(rates).median)).most;
  const wall = spreadOf((ours?.rates ?? []).map((rate) => rate / best));
  const figures = {
    configured: usual.batch,
    chosen,
    ofTheBest: rounded(wall),
    bar: 0.95,
    rowsPerSecond: sides.map(({ name, rates }) => `${name}: ${spreadOf(rates).median.toPrecision(3)}`).join(', '),
  };
  return [{ name: 'batch size', passed: wall.median >= 0.95, figures }];
}

async function measureMemory(): Promise<readonly Result[]> {
  await using place = await ground();
  const { folder, evaluator } = place;
  const count = 200;
  const held: number[] = [];
  const [files, pid] = [
    await Promise.all(Array.from({ length: count }, (_, at) => submission(folder, at % groups, at))),
    place.pid(),
  ];
  for (const [at, file] of files.entries()) {
    await evaluator.compare(jobOf(at % groups, file, drawn(usual.batch)), base);
    held.push(await residentMiB(pid));
  }
  if (place.pid() !== pid) throw new Error('the evaluator was replaced');
  // By then each group's session is open and has had its largest batch.
  const [warm = 0] = held.slice(4 * groups);
  const { least, most } = spreadOf(held.slice(4 * groups));
  const figures = { warmMiB: Math.round(warm), leastMiB: Math.round(least), mostMiB: Math.round(most), bar: 64 };
  return [{ name: `memory over ${count} submissions`, passed: most - warm <= 64 && warm - least <= 64, figures }];
}

const measurements: Measurements = {
  submissions: measureSubmissions,
  batches: measureBatches,
  memory: measureMemory,
};
await runMeasurements(measurements, askedFor(process.argv.slice(2), 3));
