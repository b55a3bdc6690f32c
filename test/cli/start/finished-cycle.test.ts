import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { finishedCycle } from '../../../cli/start/finished-cycle.ts';
import type { SignedPeerMessage } from '../../../domain/peers/message.ts';
import { cycleStart, schedules } from '../../../domain/phases.ts';
import { scheduleAfter } from '../../../domain/schedule-change.ts';
import { blocks } from '../../../domain/units.ts';
import { rootBody, rootMessage } from '../../../domain/verdict.ts';
import { temporaryFolder } from '../../adapters/model/reference.ts';
import { cycleRecord, minerHotkey, scope, submission, validator } from '../../domain/cycle-fixture.ts';

test('a finished cycle is shown with the signature that its own validator made of its very root, and no other', async () => {
  await using folder = await temporaryFolder();
  const ledger = await openLedger({ file: join(folder.path, 'ledger.sqlite') });
  const find = () => finishedCycle(ledger, scope, validator, record.cycle);
  const record = cycleRecord([submission(1)]);
  expect(await find()).toBeNull();
  const { root } = await ledger.cycles.finish(record);
  const say = async (changes: Partial<SignedPeerMessage>) => {
    const message: SignedPeerMessage = { ...rootMessage(record, root), signature: 'A'.repeat(86), ...changes };
    await ledger.peers.record(message, message.block);
    return message;
  };
  await say({ from: minerHotkey(1) });
  await say({ body: rootBody('00'.repeat(32)) });
  await say({ purpose: 'scores-digest' });
  expect(await find()).toEqual({ record, root: null });
  const own = await say({});
  expect(await find()).toEqual({ record, root: own });
  await ledger.close();
});

test('a cycle is known to others by its first block over its length, however often the schedule has changed', async () => {
  await using folder = await temporaryFolder();
  const ledger = await openLedger({ file: join(folder.path, 'ledger.sqlite') });
  // Cycle 7 of the demo's 70 blocks ends at 559; the next one under 472 blocks begins at 944 and is this one's eighth.
  const before = cycleRecord([submission(1)]);
  const { schedule } = scheduleAfter(before, schedules['connito-472']);
  const range = { startBlock: cycleStart(schedule, 8), endBlock: blocks(cycleStart(schedule, 9) - 1) };
  const after = cycleRecord([submission(2)], { cycle: 8, changes: { schedule, ...range } });
  expect(range.startBlock).toBe(944);
  for (const record of [before, after]) {
    const { root } = await ledger.cycles.finish(record);
    await ledger.peers.record({ ...rootMessage(record, root), signature: 'A'.repeat(86) }, blocks(100));
  }
  const find = async (index: number) => finishedCycle(ledger, scope, validator, index);
  expect(await find(7)).toMatchObject({ record: before, root: { cycle: 7 } });
  expect(await find(2)).toMatchObject({ record: after, root: { cycle: 2 } });
  // The numbers that this deployment counts by are nobody else's business.
  expect(await find(8)).toBeNull();
  // Two of one index, hundreds of cycles apart: the newer one.
  const changes = { schedule: schedules['connito-472'], startBlock: blocks(7 * 472), endBlock: blocks(8 * 472 - 1) };
  const newer = cycleRecord([submission(3)], { cycle: 13, changes });
  await ledger.cycles.finish(newer);
  expect(await find(7)).toEqual({ record: newer, root: null });
  await ledger.close();
});
