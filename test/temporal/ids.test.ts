import { describe, expect, test } from '@jest/globals';
import * as ids from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';

const hotkey = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

describe('ids', () => {
  test('a chain is labelled by the head of its genesis hash, mainnet by its name', () => {
    expect(ids.chainLabel('0xAB12cd34000000000000000000000000000000000000000000000000000000ff')).toBe('ab12cd34');
    expect(ids.chainLabel('0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03')).toBe('finney');
  });

  test('every process has the documented id', () => {
    expect(ids.cycleId('finney', 1, hotkey)).toBe(`cycle/finney/1/${hotkey}`);
    expect(ids.submissionId('finney', 1, 'V', 7, 'M')).toBe('submission/finney/1/V/7/M');
    expect(ids.minerId('finney', 1, hotkey)).toBe(`miner/finney/1/${hotkey}`);
    expect(ids.writerId('finney', hotkey)).toBe(`writer/finney/${hotkey}`);
  });

  test('two hotkeys of one namespace share no queue that needs a folder, a device or a key', () => {
    const one = ids.queuesOf('validator', 'A');
    const other = ids.queuesOf('validator', 'B');
    for (const queue of ['transfer', 'gpu', 'ledger', 'signer'] as const) expect(one[queue]).not.toBe(other[queue]);
    expect(one.workflows).toBe('validator');
    expect(one.signer).toBe(ids.signerQueue('A'));
  });

  test('write keys tell periods, phases and addresses apart', () => {
    const keys = [
      ids.weightsKey(1, 0, 45),
      ids.weightsKey(1, 0, 90),
      ids.weightsKey(1, 1, 45),
      ids.commitmentKey(1, 4, 'MinerCommit1'),
      ids.commitmentKey(1, 4, 'MinerCommit2'),
      ids.axonKey(1, '127.0.0.2', 8080, 0),
      ids.axonKey(1, '127.0.0.2', 8081, 0),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test('every activity preset states how it is cancelled and when it ends', () => {
  for (const preset of Object.values(presets)) {
    expect(preset.cancellationType).toMatch(/^(TRY_CANCEL|WAIT_CANCELLATION_COMPLETED)$/);
    expect(preset.startToCloseTimeout).toMatch(/^\d+(s|m|h)$/);
  }
});
