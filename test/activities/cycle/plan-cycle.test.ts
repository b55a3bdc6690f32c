import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ValidatorDeps } from '../../../activities/cycle/deps.ts';
import { planCycle } from '../../../activities/cycle/plan-cycle.ts';
import type { ChainClient } from '../../../adapters/chain/client.ts';
import type { GivenSchedule } from '../../../adapters/schedule/source.ts';
import type { CycleRecord } from '../../../domain/cycle-record.ts';
import { phaseAt, phaseRange, schedules } from '../../../domain/phases.ts';
import { scheduleAfter } from '../../../domain/schedule-change.ts';
import { ruleOf } from '../../../domain/scoring/rule.ts';
import { blocks, milliseconds, netuid } from '../../../domain/units.ts';
import { modelFolder } from '../../adapters/model/reference.ts';
import { cycleRecord, scope, submission, validator as validatorHotkey } from '../../domain/cycle-fixture.ts';
import { asActivity } from '../as-activity.ts';
import { alice, validatorDeps } from '../validator-deps.ts';

const { 'connito-472': old, 'connito-500': longer, 'mycelia-45': shorter } = schedules;
const genesis = '0xaa';

let validator: Awaited<ReturnType<typeof validatorDeps>>;
let deps: ValidatorDeps;
let head = 0;
let given: GivenSchedule = { schedule: old, stale: null };
beforeAll(async () => {
  validator = await validatorDeps();
  await validator.deps.models.ensureBase(modelFolder);
  const chain: Partial<ChainClient> = {
    head: async () => ({ number: blocks(head), hash: '0x00' }),
    blockTimeMs: async () => milliseconds(12_000),
  };
  deps = {
    ...validator.deps,
    chain: Object.assign(chain as ChainClient, { genesis }),
    schedules: { current: async () => given },
  };
});
afterAll(() => validator[Symbol.asyncDispose]());

const plan = (next: number | null) => asActivity(() => planCycle(deps)({ next }));

/** Closes a cycle in the ledger as the plan has it. */
async function close({ schedule, cycle }: Pick<CycleRecord, 'schedule' | 'cycle'>): Promise<void> {
  const changes: Partial<CycleRecord> = {
    genesis,
    netuid: netuid(1),
    hotkey: alice,
    schedule,
    result: 'no_submissions',
    startBlock: phaseRange(schedule, cycle, 'Distribute').start,
    endBlock: phaseRange(schedule, cycle, 'ValidatorCommit2').end,
  };
  await deps.ledger.cycles.finish(cycleRecord([], { cycle, changes }));
}

describe('the plan of a cycle', () => {
  test('captures the schedule for the whole cycle; a change takes effect at the next one, and is noted', async () => {
    head = 12_345;
    const first = await plan(null);
    expect(first).toMatchObject({ cycle: 26, schedule: old, scheduleNotes: [], skipped: [] });
    expect(await deps.captured.read()).toMatchObject({ cycle: 26, schedule: old });

    // The owner changes the lengths in the middle of the cycle. Nothing of the captured one moves.
    given = { schedule: longer, stale: null };
    expect(phaseAt(first.schedule, 12_700).cycle).toBe(26);
    await close(first);
    head = 12_743;
    const second = await plan(27);
    expect(second).toMatchObject({
      cycle: 27,
      skipped: [],
      schedule: { name: 'connito-500', anchor: { block: 13_000, cycle: 27 } },
      scheduleNotes: ['schedule changed from connito-472 to connito-500; blocks 12744–12999 are in no cycle'],
    });
    // Asked again, the same; and a workflow that is started anew comes to it by the ledger alone.
    expect(await plan(27)).toEqual(second);
    expect(await plan(null)).toEqual(second);
    await close(second);
    head = 13_499;
    const third = await plan(28);
    expect(third).toMatchObject({ cycle: 28, skipped: [], schedule: second.schedule, scheduleNotes: [] });
    await close(third);
  });

  test('neither judges a cycle twice nor records a hundred as missed where the cycles become shorter', async () => {
    given = { schedule: shorter, stale: null };
    head = 13_999;
    const plans = [];
    for (let next = 29; next < 32; next += 1) {
      const each = await plan(next);
      plans.push(each);
      await close(each);
      head = phaseRange(each.schedule, each.cycle, 'ValidatorCommit2').end;
    }
    expect(plans.map(({ cycle, skipped }) => [cycle, skipped])).toEqual([
      [29, []],
      [30, []],
      [31, []],
    ]);
    const starts = plans.map(({ schedule, cycle }) => phaseRange(schedule, cycle, 'Distribute').start);
    expect(starts).toEqual([14_040, 14_085, 14_130]);
  });

  test('notes that the schedule is the last known one where its service is away', async () => {
    given = { schedule: shorter, stale: 'no answer' };
    expect((await plan(32)).scheduleNotes).toEqual(['last known schedule mycelia-45: no answer']);
  });
});

test('a change of lengths takes no points from anybody: the cycle before is the one that was recorded before', async () => {
  await using other = await validatorDeps();
  const { ledger } = other.deps;
  const { schedule: next } = scheduleAfter({ schedule: old, cycle: 26 }, longer);
  for (const [cycle, schedule] of [
    [25, old],
    [26, old],
    [27, next],
  ] as const) {
    const startBlock = phaseRange(schedule, cycle, 'Distribute').start;
    const endBlock = phaseRange(schedule, cycle, 'ValidatorCommit2').end;
    const rows = [1, 2, 3].map((number) => submission(number, { lossAfter: 4 - number / 10 }));
    await ledger.cycles.finish(cycleRecord(rows, { cycle, changes: { schedule, startBlock, endBlock } }));
  }
  const { past } = await ledger.scores.state({ ...scope, hotkey: validatorHotkey }, ruleOf('ranked', 0.9));
  expect(past.map(({ cycle }) => cycle)).toEqual([27, 26, 25]);
  expect(past.map(({ points }) => points.map((each) => each.points))).toEqual([
    [1, 1.5, 2.25],
    [1, 1.5, 2.25],
    [1, 1.5, 2.25],
  ]);
});
