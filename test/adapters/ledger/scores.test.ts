import { describe, expect, test } from '@jest/globals';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { cycleRecord, ema, minerHotkey, scope, submission, validator } from '../../domain/cycle-fixture.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const own = { ...scope, hotkey: validator };

describe('the scores', () => {
  test('are those after the last cycle, and go on from cycle to cycle', async () => {
    await using temporary = await temporaryLedger();
    const { cycles, scores } = temporary.ledger;
    expect((await scores.state(own, ema)).previous).toEqual([]);
    await cycles.finish(cycleRecord([submission(1), submission(0)], { cycle: 1 }));
    const first = (await scores.state(own, ema)).previous;
    expect(first).toEqual([
      { hotkey: minerHotkey(0), uid: 0, score: 0.25 },
      { hotkey: minerHotkey(1), uid: 1, score: 0.25 },
    ]);
    await cycles.finish(cycleRecord([submission(0, { lossAfter: 4 })], { cycle: 2, previous: first }));
    expect((await scores.state(own, ema)).previous).toEqual([{ hotkey: minerHotkey(0), uid: 0, score: 0.225 }]);
    expect((await scores.state(own, ema, blocks(140))).previous).toEqual(first);
    expect((await scores.state(own, ema, blocks(70))).previous).toEqual([]);
  });

  test('survive a missed cycle that recorded none', async () => {
    await using temporary = await temporaryLedger();
    const { cycles, scores } = temporary.ledger;
    await cycles.finish(cycleRecord([submission(0)], { cycle: 1 }));
    await cycles.finish(cycleRecord([], { cycle: 2, changes: { result: 'missed' } }));
    expect((await scores.state(own, ema)).previous).toHaveLength(1);
  });

  test.each([
    ['chain', { genesis: '0xbb' as const }],
    ['subnet', { netuid: netuid(2) }],
    ['validator', { hotkey: hotkey('5Other') }],
  ])('are nobody else’s: another %s has none', async (_name, changes) => {
    await using temporary = await temporaryLedger();
    await temporary.ledger.cycles.finish(cycleRecord([submission(0)]));
    expect((await temporary.ledger.scores.state({ ...own, ...changes }, ema)).previous).toEqual([]);
  });
});
