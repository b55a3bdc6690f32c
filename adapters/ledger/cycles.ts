import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Agreement } from '../../domain/agreement/record.ts';
import { cycleRoot } from '../../domain/cycle-leaves.ts';
import type { CycleRecord, CycleResult } from '../../domain/cycle-record.ts';
import { fail } from '../../domain/errors/error.ts';
import { cycleLength, type Schedule } from '../../domain/phases.ts';
import { type Blocks, blocks, type Hex, type Hotkey, hotkey, type Netuid, netuid } from '../../domain/units.ts';
import { batchColumns, cycleColumns, recordOf, scoreColumns, submissionColumns, weightColumns } from './cycle-rows.ts';
import { type InsertRows, rowInserter } from './insert-rows.ts';
import type { CycleTable, LedgerTables } from './tables.ts';

/** Which chain and subnet; where it is left out, those of the cycle of that hotkey that was stored last. */
export interface ChainScope {
  readonly genesis: Hex;
  readonly netuid: Netuid;
}

/** A line of a list; the whole record is read by {@link Cycles.get}. */
export interface CycleLine extends ChainScope {
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly cycle: number;
  readonly startBlock: Blocks;
  readonly endBlock: Blocks;
  readonly result: CycleResult;
  readonly modelAfter: CycleRecord['modelAfter'];
  readonly root: string;
}

export interface StoredCycle {
  readonly record: CycleRecord;
  readonly root: string;
}

export interface Cycles {
  /**
   * Stores a finished cycle with all its rows in one transaction. The same record once more changes nothing (`same`);
   * another one for the same cycle raises OST_CYCLE_CONFLICT. `root` is the Merkle root over all of it.
   */
  finish(record: CycleRecord): Promise<{ readonly kind: 'new' | 'same'; readonly root: string }>;
  /** Raises OST_LEDGER_CORRUPT where the rows do not give the stored root. */
  get(hotkey: Hotkey, cycle: number, scope?: ChainScope): Promise<StoredCycle | null>;
  /**
   * The cycle with the originals' index, its first block over its length, as others know it; the newest, where cycles
   * of different lengths have the same one.
   */
  atIndex(hotkey: Hotkey, index: number, scope: ChainScope): Promise<StoredCycle | null>;
  /** The one with the highest number. */
  latest(hotkey: Hotkey, scope?: ChainScope): Promise<StoredCycle | null>;
  /** The cycles that began before a block, newest first, without missed ones: they changed no score. */
  before(hotkey: Hotkey, scope: ChainScope, block: Blocks, limit: number): Promise<readonly CycleRecord[]>;
  /** Of the last cycles that asked for one, newest first. */
  agreements(hotkey: Hotkey, scope: ChainScope, limit: number): Promise<readonly Agreement[]>;
  /** Stored last comes first. */
  list(
    filter?: Partial<ChainScope> & { readonly hotkey?: Hotkey; readonly limit?: number },
  ): Promise<readonly CycleLine[]>;
}

const lineOf = (row: Selectable<CycleTable>): CycleLine => ({
  chain: row.chain,
  genesis: row.genesis as Hex,
  netuid: netuid(row.netuid),
  hotkey: hotkey(row.hotkey),
  cycle: row.cycle,
  startBlock: blocks(row.start_block),
  endBlock: blocks(row.end_block),
  result: row.result as CycleResult,
  modelAfter: JSON.parse(row.model_after) as CycleRecord['modelAfter'],
  root: row.root,
});

/** The chain and subnet on which this hotkey's cycle was stored last. */
export async function scopeOf(db: Kysely<LedgerTables>, owner: Hotkey): Promise<ChainScope | null> {
  const row = await db
    .selectFrom('cycle')
    .select(['genesis', 'netuid'])
    .where('hotkey', '=', owner)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { genesis: row.genesis as Hex, netuid: netuid(row.netuid) };
}

/** The cycles of one validator on one subnet. */
export const cyclesWithin = (db: Kysely<LedgerTables>, owner: Hotkey, scope: ChainScope) =>
  db
    .selectFrom('cycle')
    .where('hotkey', '=', owner)
    .where('genesis', '=', scope.genesis)
    .where('netuid', '=', scope.netuid);

async function read(db: Kysely<LedgerTables>, file: string, cycle: Selectable<CycleTable>): Promise<StoredCycle> {
  const record = recordOf({
    cycle,
    submissions: await db
      .selectFrom('cycle_submission')
      .selectAll()
      .where('cycle_id', '=', cycle.id)
      .orderBy('position')
      .execute(),
    scores: await db
      .selectFrom('cycle_score')
      .selectAll()
      .where('cycle_id', '=', cycle.id)
      .orderBy('position')
      .execute(),
    weights: await db
      .selectFrom('cycle_weight')
      .selectAll()
      .where('cycle_id', '=', cycle.id)
      .orderBy('position')
      .execute(),
    batches: await db
      .selectFrom('cycle_batch')
      .selectAll()
      .where('cycle_id', '=', cycle.id)
      .orderBy('position')
      .execute(),
  });
  const root = cycleRoot(record);
  if (root === cycle.root) return { record, root };
  const detail = `cycle ${cycle.cycle} of ${cycle.hotkey} gives the root ${root}, not ${cycle.root}`;
  throw fail('OST_LEDGER_CORRUPT', { file, detail });
}

async function store(
  db: Transaction<LedgerTables>,
  insertRows: InsertRows,
  record: CycleRecord,
  root: string,
): Promise<void> {
  // A number of our own rather than the database's, for the two kinds of database count by themselves differently.
  const last = await db
    .selectFrom('cycle')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  const id = (last?.id ?? 0) + 1;
  await db
    .insertInto('cycle')
    .values({ id, ...cycleColumns(record), root, stored_at_ms: Date.now() })
    .execute();
  const { batches, submissions, scores, vector } = record;
  await insertRows(
    db,
    'cycle_batch',
    batches.map((row, position) => batchColumns(id, position, row)),
    (rows) => db.insertInto('cycle_batch').values(rows),
  );
  await insertRows(
    db,
    'cycle_submission',
    submissions.map((row, position) => submissionColumns(id, position, row)),
    (rows) => db.insertInto('cycle_submission').values(rows),
  );
  await insertRows(
    db,
    'cycle_score',
    scores.map((row, position) => scoreColumns(id, position, row)),
    (rows) => db.insertInto('cycle_score').values(rows),
  );
  await insertRows(
    db,
    'cycle_weight',
    vector.map((row, position) => weightColumns(id, position, row)),
    (rows) => db.insertInto('cycle_weight').values(rows),
  );
}

export function cycles(db: Kysely<LedgerTables>, file: string): Cycles {
  const within = async (owner: Hotkey, scope: ChainScope | undefined) => {
    const known = scope ?? (await scopeOf(db, owner));
    return known === null ? null : cyclesWithin(db, owner, known).selectAll();
  };

  const insertRows = rowInserter();

  return {
    async finish(record) {
      const root = cycleRoot(record);
      return await db.transaction().execute(async (transaction) => {
        const stored = await cyclesWithin(transaction, record.hotkey, record)
          .select('root')
          .where('cycle', '=', record.cycle)
          .executeTakeFirst();
        if (stored === undefined) {
          await store(transaction, insertRows, record, root);
          return { kind: 'new', root } as const;
        }
        if (stored.root === root) return { kind: 'same', root } as const;
        const { cycle } = record;
        throw fail('OST_CYCLE_CONFLICT', { cycle, hotkey: record.hotkey, stored: stored.root, offered: root });
      });
    },

    async get(owner, cycle, scope) {
      const row = await (await within(owner, scope))?.where('cycle', '=', cycle).executeTakeFirst();
      return row === undefined ? null : await read(db, file, row);
    },

    async atIndex(owner, index, scope) {
      // Schedules are few however many cycles there are, and each says where a cycle of this index would have begun.
      const schedules = await cyclesWithin(db, owner, scope).select('schedule').distinct().execute();
      const starts = schedules.map(({ schedule }) => ({
        schedule,
        start: index * cycleLength(JSON.parse(schedule) as Schedule),
      }));
      if (starts.length === 0) return null;
      const rows = await cyclesWithin(db, owner, scope)
        .selectAll()
        .where('start_block', 'in', [...new Set(starts.map(({ start }) => start))])
        .orderBy('start_block', 'desc')
        .execute();
      const row = rows.find((each) =>
        starts.some(({ schedule, start }) => each.schedule === schedule && each.start_block === start),
      );
      return row === undefined ? null : await read(db, file, row);
    },

    async latest(owner, scope) {
      const row = await (await within(owner, scope))?.orderBy('cycle', 'desc').limit(1).executeTakeFirst();
      return row === undefined ? null : await read(db, file, row);
    },

    async before(owner, scope, block, limit) {
      // By block and not by number: a change of the schedule counts the cycles anew.
      const rows = await cyclesWithin(db, owner, scope)
        .selectAll()
        .where('start_block', '<', block)
        .where('result', '<>', 'missed')
        .orderBy('start_block', 'desc')
        .limit(limit)
        .execute();
      const records: CycleRecord[] = [];
      for (const row of rows) records.push((await read(db, file, row)).record);
      return records;
    },

    async agreements(owner, scope, limit) {
      const rows = await cyclesWithin(db, owner, scope)
        .select('agreement')
        .where('agreement', 'is not', null)
        .orderBy('start_block', 'desc')
        .limit(limit)
        .execute();
      return rows.flatMap(({ agreement }) => (agreement === null ? [] : [JSON.parse(agreement) as Agreement]));
    },

    async list(filter = {}) {
      const rows = await db
        .selectFrom('cycle')
        .selectAll()
        .$if(filter.hotkey !== undefined, (query) => query.where('hotkey', '=', filter.hotkey ?? ''))
        .$if(filter.genesis !== undefined, (query) => query.where('genesis', '=', filter.genesis ?? ''))
        .$if(filter.netuid !== undefined, (query) => query.where('netuid', '=', filter.netuid ?? 0))
        .$if(filter.limit !== undefined, (query) => query.limit(filter.limit ?? 0))
        .orderBy('id', 'desc')
        .execute();
      return rows.map(lineOf);
    },
  };
}
