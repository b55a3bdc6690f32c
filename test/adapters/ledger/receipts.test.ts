import { describe, expect, test } from '@jest/globals';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { hotkey, netuid } from '../../../domain/units.ts';
import { receipt } from './receipt.ts';
import { temporaryLedger } from './temporary-ledger.ts';

describe('a submission', () => {
  test('is accepted once for a miner and a cycle, and the first one stays', async () => {
    await using temporary = await temporaryLedger();
    const { submissions } = temporary.ledger;
    expect(await submissions.accept(receipt())).toBe('accepted');
    expect(await submissions.accept(receipt())).toBe('duplicate');
    expect(await submissions.accept(receipt({ digest: 'other' }))).toBe('duplicate');
    expect(await submissions.find(receipt())).toEqual(receipt());
  });

  test.each([
    ['chain', { chain: 'finney' }],
    ['subnet', { netuid: netuid(2) }],
    ['validator', { validator: hotkey('5Other') }],
    ['cycle', { cycle: 4 }],
    ['miner', { hotkey: hotkey('5Another') }],
  ])('does not stand in the way of another %s', async (_name, changes) => {
    await using temporary = await temporaryLedger();
    const { submissions } = temporary.ledger;
    await submissions.accept(receipt());
    expect(await submissions.find(receipt(changes))).toBeNull();
    expect(await submissions.accept(receipt(changes))).toBe('accepted');
  });

  test('is accepted by one of many connections at once', async () => {
    await using temporary = await temporaryLedger();
    const second = await openLedger({ file: temporary.file });
    const ledgers = [temporary.ledger, second, temporary.ledger, second];
    const answers = await Promise.all(
      ledgers.map(({ submissions }, number) => submissions.accept(receipt({ digest: `digest ${number}` }))),
    );
    expect(answers.toSorted()).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate']);
    await second.close();
  });

  test('is listed with the others of its cycle, in the order of hotkeys', async () => {
    await using temporary = await temporaryLedger();
    const { submissions } = temporary.ledger;
    for (const name of ['5C', '5A', '5B']) await submissions.accept(receipt({ hotkey: hotkey(name) }));
    await submissions.accept(receipt({ cycle: 4 }));
    expect((await submissions.list(receipt())).map((each) => each.hotkey)).toEqual(['5A', '5B', '5C']);
  });
});
