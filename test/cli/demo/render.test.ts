import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { frame } from '../../../cli/demo/render.ts';
import { emptyView, type MinerRow, type ViewState } from '../../../cli/demo/view-state.ts';

const addresses = {
  temporalUi: 'http://127.0.0.1:8233',
  modelServer: 'http://127.0.0.2:8080',
  chain: 'ws://127.0.0.1:9944',
};

const miner = (name: string): MinerRow => ({
  name,
  hotkey: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
  group: 1,
  doing: 'training',
  step: 120,
  loss: 1.618,
  lossBefore: 1.8564,
  lossAfter: 1.5315,
  w: 0.175,
  outcome: 'miner_fault: expert_group_or_nan',
});

const busy: ViewState = {
  ...emptyView,
  block: 1146,
  phase: 'ValidatorCommit1',
  cycle: 16,
  blocksLeft: 3,
  miners: new Map(['bob', 'charlie', 'dave'].map((name) => [name, miner(name)])),
  weights: { block: 1128, hash: `0x${'ab'.repeat(32)}`, text: 'uid 1 65535, uid 2 31022, uid 3 34367' },
  lastCycle: `cycle 15: completed, model ${'cd'.repeat(24)}`,
  recent: Array.from({ length: 8 }, (_, index) => `validator line ${index} ${'x'.repeat(300)}`),
  trouble: [`charlie   ${'y'.repeat(300)}`],
};

const linesOf = (view: ViewState, columns: number, rows: number): readonly string[] =>
  stripVTControlCharacters(frame(view, addresses, { columns, rows })).split('\n');

describe('the live view', () => {
  test.each([
    [120, 40],
    [100, 30],
    [80, 24],
  ])('fits a terminal of %i × %i', (columns, rows) => {
    const lines = linesOf(busy, columns, rows);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
    expect(lines.length).toBeLessThan(rows);
  });

  test('shows the newest lines where there is no room for all', () => {
    const shown = linesOf(busy, 80, 24).filter((line) => line.startsWith('validator line'));
    expect(shown.length).toBeLessThan(8);
    expect(shown.at(-1)).toContain('line 7');
  });

  test('tells losses, w_i, weights and the hash of their extrinsic', () => {
    const text = linesOf(busy, 120, 40).join('\n');
    for (const part of ['1.8564', '1.5315', '0.1750', 'uid 2 31022', `0x${'ab'.repeat(32)}`, '3 blocks left']) {
      expect(text).toContain(part);
    }
  });

  test('says what is not there yet', () => {
    const text = linesOf(emptyView, 120, 40).join('\n');
    expect(text).toContain('none set yet');
    expect(text).toContain('no cycle finished yet');
  });
});
