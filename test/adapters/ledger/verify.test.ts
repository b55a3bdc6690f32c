import { describe, expect, test } from '@jest/globals';
import type { Ledger } from '../../../adapters/ledger/open.ts';
import { verifyCycle } from '../../../adapters/ledger/verify.ts';
import type { CycleRecord } from '../../../domain/cycle-record.ts';
import { ruleOf } from '../../../domain/scoring/rule.ts';
import { blocks, uid } from '../../../domain/units.ts';
import { cycleRecord, ema, minerHotkey, scope, submission, validator } from '../../domain/cycle-fixture.ts';
import { temporaryLedger } from './temporary-ledger.ts';

async function storeTwo(ledger: Ledger, changes: Partial<CycleRecord> = {}): Promise<void> {
  await ledger.cycles.finish(cycleRecord([submission(0)], { cycle: 1 }));
  const { previous } = await ledger.scores.state({ ...scope, hotkey: validator }, ema);
  await ledger.cycles.finish(cycleRecord([submission(0), submission(1)], { cycle: 2, previous, changes }));
}

describe('the verification of a stored cycle', () => {
  test('finds nothing where the scores follow from the inputs and the cycle before', async () => {
    await using temporary = await temporaryLedger();
    await storeTwo(temporary.ledger);
    for (const cycle of [1, 2]) {
      const { differences, losses } = await verifyCycle(temporary.ledger, validator, cycle);
      expect(differences).toEqual([]);
      expect(losses).toEqual({ recomputed: [], unavailable: [] });
    }
  });

  test('finds a vector that the scores do not give', async () => {
    await using temporary = await temporaryLedger();
    await storeTwo(temporary.ledger, { vector: [{ hotkey: minerHotkey(1), weight: 65535 }] });
    const { differences } = await verifyCycle(temporary.ledger, validator, 2);
    expect(differences).toMatchObject([{ what: 'vector', hotkey: minerHotkey(0), recorded: 'missing' }]);
  });

  test('recomputes ranks over several cycles, and finds a vector that another cohort would give', async () => {
    await using temporary = await temporaryLedger();
    const { cycles, scores } = temporary.ledger;
    const rule = ruleOf('ranked', 0.9);
    const seat = (number: number) => ({ hotkey: minerHotkey(number), uid: uid(number) });
    const peerWeights = [{ validator, top: [1, 2].map((number) => ({ ...seat(number), share: 0.5 })) }];
    const other = [{ validator, top: [{ ...seat(3), share: 1 }] }];
    for (const cycle of [1, 2, 3, 4]) {
      const submissions = [1, 2, 3].map((number) => submission(number, { lossAfter: 3 + number / 10 }));
      const state = await scores.state({ ...scope, hotkey: validator }, rule, blocks(cycle * 70));
      const record = cycleRecord(submissions, { cycle, rule, state, changes: { peerWeights } });
      await cycles.finish(cycle === 4 ? { ...record, peerWeights: other } : record);
    }
    for (const cycle of [1, 2, 3])
      expect((await verifyCycle(temporary.ledger, validator, cycle)).differences).toEqual([]);
    const { differences } = await verifyCycle(temporary.ledger, validator, 4);
    expect(new Set(differences.map(({ what }) => what))).toEqual(new Set(['vector']));
  });

  test.each([
    ['the same losses', 4, 3, []],
    ['losses of another CPU', 4 * (1 + 9e-6), 3 * (1 - 9e-6), []],
    ['another loss after', 4, 3.001, ['loss']],
    ['another loss before', 4.001, 3, ['loss']],
    ['a loss that is not a number', 4, Number.NaN, ['loss']],
  ])('compares %s', async (_name, before, after, expected) => {
    await using temporary = await temporaryLedger();
    await storeTwo(temporary.ledger);
    const { differences, losses } = await verifyCycle(temporary.ledger, validator, 2, {
      recomputeLosses: async (record) =>
        record.submissions.map(({ hotkey, uid }) => ({ hotkey, losses: uid === 0 ? { before, after } : null })),
    });
    expect(differences.map(({ what }) => what)).toEqual(expected);
    expect(losses).toEqual({ recomputed: [minerHotkey(0)], unavailable: [minerHotkey(1)] });
  });

  test('of a cycle that is not there says so', async () => {
    await using temporary = await temporaryLedger();
    await expect(verifyCycle(temporary.ledger, validator, 3)).rejects.toMatchObject({ code: 'OST_CYCLE_UNKNOWN' });
  });
});
