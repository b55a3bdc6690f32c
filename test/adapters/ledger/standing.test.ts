import { describe, expect, test } from '@jest/globals';
import type { Ledger } from '../../../adapters/ledger/open.ts';
import { readStanding } from '../../../adapters/ledger/standing.ts';
import type { Agreement } from '../../../domain/agreement/record.ts';
import type { WriteOutcome } from '../../../domain/chain-write.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { cycleRecord, scope, submission, validator } from '../../domain/cycle-fixture.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const agreement = (full: boolean): Agreement => ({
  full,
  result: 'agreed',
  directoryBlock: blocks(0),
  digestsBy: blocks(0),
  tablesBy: blocks(0),
  heardRao: '0',
  totalRao: '0',
  peers: [],
  values: [],
  contested: [],
  tables: [],
});

const own = { ...scope, hotkey: validator };

const write = (ledger: Ledger, key: string, outcome: WriteOutcome, changes: { readonly netuid?: number } = {}) =>
  ledger.writes.record({
    key,
    chain: 'devnet',
    hotkey: validator,
    request: {
      key,
      call: {
        kind: 'set_weights',
        netuid: netuid(changes.netuid ?? 1),
        mecid: 0,
        period: blocks(0),
        weights: [],
        versionKey: '0',
      },
      deadline: null,
      replyTo: null,
    },
    outcome,
    extrinsicHash: null,
    block: null,
  });

describe('a validator’s standing', () => {
  test('is read from its ledger, and from nobody else’s part of it', async () => {
    await using temporary = await temporaryLedger();
    const { ledger } = temporary;
    expect(await readStanding(ledger, own)).toMatchObject({ cycle: null, weightsSet: null, agreementRate: null });
    await ledger.cycles.finish(cycleRecord([submission(1)], { cycle: 1, changes: { agreement: agreement(true) } }));
    await ledger.cycles.finish(cycleRecord([submission(1)], { cycle: 2 }));
    await ledger.cycles.finish(
      cycleRecord([submission(1), submission(2)], { cycle: 3, changes: { agreement: agreement(false) } }),
    );
    await write(ledger, 'here', { kind: 'already', block: blocks(3) });
    await write(ledger, 'elsewhere', { kind: 'refused', code: 'X', detail: '' }, { netuid: 9 });
    expect(await readStanding(ledger, own)).toEqual({
      cycle: 3,
      endBlock: 279,
      submissions: 2,
      averageW: 0.25,
      missedPhases: 0,
      weightsSet: true,
      agreementRate: 0.5,
    });
    expect(await readStanding(ledger, { ...own, hotkey: hotkey('5Other') })).toMatchObject({ cycle: null });
  });
});
