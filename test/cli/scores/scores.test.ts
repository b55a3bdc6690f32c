import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { runExplain } from '../../../cli/commands/explain.ts';
import { runRescore } from '../../../cli/commands/rescore.ts';
import { verify } from '../../../cli/commands/verify.ts';
import { writeIdentity } from '../../../cli/identity.ts';
import { initConfig } from '../../../config/init.ts';
import { blocks } from '../../../domain/units.ts';
import { cycleRecord, ema, minerHotkey, scope, submission, validator } from '../../domain/cycle-fixture.ts';

let folder = '';
const path = (name: string) => join(folder, name);

/** A deployment that has finished three cycles. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-scores-'));
  for (const name of ['judged', 'empty', 'unborn']) {
    initConfig({
      role: 'validator',
      hotkey: name,
      run: 'test',
      folder: path(name),
      values: { state_dir: folder, netuid: 1 },
    });
    if (name !== 'unborn') {
      await writeIdentity(path(name), { hotkey: validator, publicKey: '0x00', genesis: scope.genesis });
    }
  }
  const ledger = await openLedger({ file: join(path('judged'), 'ledger.sqlite') });
  for (const cycle of [1, 2, 3]) {
    const copy = submission(3, {
      modelHash: 'hash1',
      commitBlock: blocks(101),
      outcome: 'miner_fault',
      reason: 'copy',
    });
    const rows = [submission(1), submission(2, { lossAfter: 3.9 - cycle / 10 }), copy];
    const state = await ledger.scores.state({ ...scope, hotkey: validator }, ema, blocks(cycle * 70));
    await ledger.cycles.finish(cycleRecord(rows, { cycle, state }));
  }
  await ledger.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a command writes, and what it says of itself. */
async function said<T>(run: (write: (line: string) => void) => Promise<T>) {
  const lines: string[] = [];
  const result = await run((line) => lines.push(line));
  return { result, text: lines.join('\n') };
}
const rescored = (options: Partial<Parameters<typeof runRescore>[0]> = {}) =>
  said((write) => runRescore({ path: path('judged'), strategy: 'ranked', cycles: 8, ...options }, write));
const explained = (miner: string, cycle: number, options = {}) =>
  said((write) => runExplain(miner, cycle, { path: path('judged'), ...options }, write));

describe('ostinato rescore', () => {
  test('shows for each cycle how far another strategy’s vector is, and in the newest who moves', async () => {
    const { text } = await rescored();
    expect(text).toContain('ranked 1 over the last 3 cycles');
    expect(text).toMatch(/│ 3 +│ completed +│ relative-drop-ema 1 │ 0\.\d{4} │ 0\.\d{4} │/);
    expect(text).toContain('Ranks and shares in cycle 3');
    expect(text).toContain(minerHotkey(2));
  });

  test('as JSON has the same, cycle by cycle', async () => {
    const { text } = await rescored({ json: true, cycles: 2 });
    expect(JSON.parse(text)).toMatchObject({
      validator,
      rule: { name: 'ranked', version: 1 },
      cycles: [{ cycle: 2 }, { cycle: 3, moves: [{ hotkey: minerHotkey(1), rankBefore: 1, rankAfter: 1 }, {}, {}] }],
    });
  });

  test('by the strategy that scored them finds no distance, and with another alpha one', async () => {
    const same = await rescored({ strategy: 'relative-drop-ema', json: true });
    expect(JSON.parse(same.text)).toMatchObject({ cycles: [{ l1: 0 }, { l1: 0 }, { l1: 0 }] });
    const other = JSON.parse((await rescored({ strategy: 'relative-drop-ema', alpha: 0, json: true })).text) as {
      readonly cycles: readonly { readonly l1: number }[];
    };
    expect(other.cycles.at(-1)?.l1).toBeGreaterThan(0.01);
  });

  test('changes nothing, so that verify still agrees', async () => {
    await rescored();
    const { result, text } = await said((write) => verify({ path: path('judged'), cycle: 3, scoresOnly: true }, write));
    expect(text).toContain('Everything agrees.');
    expect(result).toBe(true);
  });

  test('before the first cycle says so', async () => {
    await expect(rescored({ path: path('empty') })).rejects.toMatchObject({ code: 'OST_CYCLE_NONE' });
    await expect(rescored({ path: path('unborn') })).rejects.toMatchObject({ code: 'OST_VALIDATOR_NEVER_RAN' });
  });
});

describe('ostinato explain', () => {
  test('tells why a miner scored what it scored', async () => {
    const { result, text } = await explained(minerHotkey(1), 3);
    expect(result).toBe(true);
    expect(text).toContain(`Miner ${minerHotkey(1)} in cycle 3 of ${validator}`);
    expect(text).toContain('its file was accepted with w_i 0.25');
    expect(text).toContain('in block 100 as extrinsic 1');
    expect(text).toContain('The score is 0.9 · 0.25 + 0.1 · 0.25 = 0.25.');
  });

  test('as JSON has the steps with what they can be looked up by', async () => {
    const { text } = await explained(minerHotkey(3), 3, { json: true });
    const told = JSON.parse(text) as { readonly steps: readonly { readonly step: string }[] };
    expect(told).toMatchObject({ found: true, hotkey: minerHotkey(3), cycle: 3, validator });
    expect(told.steps.find(({ step }) => step === 'verdict')).toMatchObject({
      refs: { outcome: 'miner_fault', reason: 'copy' },
    });
  });

  test('of a hotkey that is not in the cycle says why, and fails', async () => {
    const { result, text } = await explained('5Stranger', 3);
    expect(result).toBe(false);
    expect(text).toContain('It is not in this cycle');
  });

  test('of a cycle that is not stored says so', async () => {
    await expect(explained(minerHotkey(1), 99)).rejects.toMatchObject({ code: 'OST_CYCLE_UNKNOWN' });
  });
});
