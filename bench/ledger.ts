/**
 * Storing a finished cycle of 256 miners: the ledger against raw better-sqlite3 that inserts the same rows into the
 * same tables by prepared statements, taken in turns in one run, so that the machine's moods meet both.
 *
 * Run: node bench/ledger.ts [rounds]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import {
  batchColumns,
  cycleColumns,
  scoreColumns,
  submissionColumns,
  weightColumns,
} from '../adapters/ledger/cycle-rows.ts';
import { openLedger } from '../adapters/ledger/open.ts';
import { openDatabase } from '../adapters/ledger/sqlite.ts';
import { cycleRoot } from '../domain/cycle-leaves.ts';
import type { CycleRecord } from '../domain/cycle-record.ts';
import { bigCycle } from '../test/domain/cycle-fixture.ts';

const miners = 256;
const rounds = Number(process.argv[2] ?? 40);

/** One row by a statement of its own; better-sqlite3 keeps none, so the caller does. */
function inserter(database: Database.Database, table: string, sample: object): (row: object) => void {
  const names = Object.keys(sample);
  const statement = database.prepare(
    `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
  );
  return (row) => void statement.run(...Object.values(row));
}

/** Writes what the ledger writes, with nothing between it and the driver. */
function rawWriter(database: Database.Database, sample: CycleRecord): (record: CycleRecord, id: number) => void {
  const [submission, score, weight, batch] = [sample.submissions, sample.scores, sample.vector, sample.batches];
  const first = <T>(rows: readonly T[]): T => {
    const [row] = rows;
    if (row === undefined) throw new RangeError('the sample has no rows');
    return row;
  };
  const cycle = (record: CycleRecord, id: number) => ({ id, ...cycleColumns(record), root: '', stored_at_ms: 0 });
  const insertCycle = inserter(database, 'cycle', cycle(sample, 0));
  const insertSubmission = inserter(database, 'cycle_submission', submissionColumns(0, 0, first(submission)));
  const insertScore = inserter(database, 'cycle_score', scoreColumns(0, 0, first(score)));
  const insertWeight = inserter(database, 'cycle_weight', weightColumns(0, 0, first(weight)));
  const insertBatch = inserter(database, 'cycle_batch', batchColumns(0, 0, first(batch)));
  return database.transaction((record: CycleRecord, id: number) => {
    insertCycle(cycle(record, id));
    for (const [place, row] of record.batches.entries()) insertBatch(batchColumns(id, place, row));
    for (const [place, row] of record.submissions.entries()) insertSubmission(submissionColumns(id, place, row));
    for (const [place, row] of record.scores.entries()) insertScore(scoreColumns(id, place, row));
    for (const [place, row] of record.vector.entries()) insertWeight(weightColumns(id, place, row));
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const folder = await mkdtemp(join(tmpdir(), 'ostinato-bench-'));
try {
  const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
  const rawFile = join(folder, 'raw.sqlite');
  await (await openLedger({ file: rawFile })).close();
  const database = openDatabase(rawFile);
  const writeRaw = rawWriter(database, bigCycle(miners));
  const times = { ledger: [] as number[], raw: [] as number[], root: [] as number[], read: [] as number[] };
  for (let round = -5; round < rounds; round++) {
    const record = bigCycle(miners, round + 100);
    const taken = {
      ledger: await timed(() => ledger.cycles.finish(record)),
      raw: await timed(() => writeRaw(record, round + 100)),
      root: await timed(() => cycleRoot(record)),
      read: await timed(() => ledger.cycles.get(record.hotkey, record.cycle)),
    };
    // The first rounds warm the compiler up.
    if (round < 0) continue;
    for (const name of ['ledger', 'raw', 'root', 'read'] as const) times[name].push(taken[name]);
  }
  const [ours, raw, root, read] = [times.ledger, times.raw, times.root, times.read].map(median);
  // Both do the same: the rows, and the root over them. Round by round, because the machine's speed wanders.
  const ratio = median(times.ledger.map((ms, i) => ((times.raw[i] ?? 0) + (times.root[i] ?? 0)) / ms));
  process.stdout.write(
    `${JSON.stringify({
      miners,
      rounds,
      finishMs: Number(ours?.toFixed(2)),
      rootMs: Number(root?.toFixed(2)),
      rawInsertsMs: Number(raw?.toFixed(2)),
      readAndCheckMs: Number(read?.toFixed(2)),
      rawAndRootOverFinish: Number(ratio.toFixed(2)),
    })}\n`,
  );
  database.close();
  await ledger.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
