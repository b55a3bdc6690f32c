import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { cycleRoot } from '../../../domain/cycle-leaves.ts';
import type { CycleRecord } from '../../../domain/cycle-record.ts';
import { schedules } from '../../../domain/phases.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { bigCycle, cycleRecord, ema, minerHotkey, scope, submission, validator } from '../../domain/cycle-fixture.ts';
import { ended, startChild } from './child.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const tables = ['cycle', 'cycle_submission', 'cycle_score', 'cycle_weight', 'cycle_batch'];

function rowCounts(file: string): readonly unknown[] {
  const database = new Database(file, { readonly: true });
  const counts = tables.map((table) => database.prepare(`select count(*) from ${table}`).pluck().get());
  database.close();
  return counts;
}

describe('a finished cycle', () => {
  test('reads back as it was, under the root that its record gives', async () => {
    await using temporary = await temporaryLedger();
    const { cycles } = temporary.ledger;
    const schedule = { ...schedules['connito-500'], anchor: { block: blocks(13_000), cycle: 7 } };
    const assignment = [{ validator, miners: [minerHotkey(1), minerHotkey(0)] }];
    const record = { ...bigCycle(256), schedule, assignment };
    expect(await cycles.finish(record)).toEqual({ kind: 'new', root: cycleRoot(record) });
    expect(await cycles.get(validator, 7)).toEqual({ record, root: cycleRoot(record) });
    expect(await cycles.get(validator, 8)).toBeNull();
    expect(await cycles.get(hotkey('5Other'), 7)).toBeNull();
  });

  test('reads back any doubles and texts that a record can hold', async () => {
    await using temporary = await temporaryLedger();
    const { cycles } = temporary.ledger;
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    let cycle = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ w: fc.option(double), lossAfter: fc.option(double), detail: fc.option(fc.string()) })),
        fc.array(fc.nat()),
        async (rows, row_numbers) => {
          cycle += 1;
          const record = cycleRecord(
            rows.map((row, number) => submission(number, row)),
            { cycle, changes: { batches: [{ group: 0, rows: row_numbers, batchSize: 1 }], seed: null, heldOut: null } },
          );
          await cycles.finish(record);
          expect(await cycles.get(validator, cycle)).toEqual({ record, root: cycleRoot(record) });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('stored twice is stored once; another one for its number is refused and changes nothing', async () => {
    await using temporary = await temporaryLedger();
    const { cycles } = temporary.ledger;
    const record = bigCycle(3);
    await cycles.finish(record);
    const counts = rowCounts(temporary.file);
    expect(await cycles.finish(record)).toEqual({ kind: 'same', root: cycleRoot(record) });
    const other: CycleRecord = { ...record, runId: 'another run' };
    await expect(cycles.finish(other)).rejects.toMatchObject({ code: 'OST_CYCLE_CONFLICT' });
    expect(rowCounts(temporary.file)).toEqual(counts);
    expect(await cycles.get(validator, 7)).toEqual({ record, root: cycleRoot(record) });
  });

  test('finished by two connections at once is stored once', async () => {
    await using temporary = await temporaryLedger();
    const second = await openLedger({ file: temporary.file });
    const results = await Promise.all(
      [temporary.ledger, second, temporary.ledger].map((ledger) => ledger.cycles.finish(bigCycle(10))),
    );
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['new', 'same', 'same']);
    await second.close();
  });

  test('is found by the highest number, on the chain and subnet that were stored last', async () => {
    await using temporary = await temporaryLedger();
    const { cycles, scores } = temporary.ledger;
    for (const cycle of [8, 10, 9]) await cycles.finish(bigCycle(1, cycle));
    expect((await cycles.latest(validator))?.record.cycle).toBe(10);
    const elsewhere: CycleRecord = { ...bigCycle(2, 1), genesis: '0xbb', netuid: netuid(2) };
    await cycles.finish(elsewhere);
    expect((await cycles.latest(validator))?.record).toEqual(elsewhere);
    expect((await cycles.latest(validator, scope))?.record.cycle).toBe(10);
    expect((await cycles.list()).map(({ cycle }) => cycle)).toEqual([1, 9, 10, 8]);
    expect((await cycles.list({ genesis: '0xbb', netuid: netuid(2) })).map(({ cycle }) => cycle)).toEqual([1]);
    expect((await cycles.list({ hotkey: validator, limit: 2 })).map(({ cycle }) => cycle)).toEqual([1, 9]);
    expect(await cycles.list({ hotkey: hotkey('5Other') })).toEqual([]);
    expect(await cycles.latest(hotkey('5Other'))).toBeNull();
    expect((await scores.state({ ...scope, hotkey: validator }, ema)).previous).toHaveLength(1);
  });

  test('of which one row was changed by hand is refused', async () => {
    await using temporary = await temporaryLedger();
    await temporary.ledger.cycles.finish(bigCycle(4));
    const database = new Database(temporary.file);
    database.exec('update cycle_score set score_after = score_after + 1e-9 where position = 2');
    database.close();
    await expect(temporary.ledger.cycles.get(validator, 7)).rejects.toMatchObject({ code: 'OST_LEDGER_CORRUPT' });
  });

  test('is there whole or not at all, whichever statement its process was killed after', async () => {
    await using temporary = await temporaryLedger();
    const probe = await ended(startChild('finish', temporary.file, '1', '0'));
    const statements = Number(probe.output);
    const begun = rowCounts(temporary.file);
    expect(statements).toBeGreaterThan(8);
    // The last statement is the commit: killed after it, everything is there; killed before it, nothing.
    for (let killAfter = 1; killAfter < statements; killAfter++) {
      const { signal } = await ended(startChild('finish', temporary.file, '2', String(killAfter)));
      expect(signal).toBe('SIGKILL');
      expect(rowCounts(temporary.file)).toEqual(begun);
    }
    await ended(startChild('finish', temporary.file, '2', String(statements)));
    expect((await temporary.ledger.cycles.get(validator, 2))?.record).toEqual(bigCycle(20, 2));
    expect((await temporary.ledger.cycles.finish(bigCycle(20, 2))).kind).toBe('same');
  });
});
