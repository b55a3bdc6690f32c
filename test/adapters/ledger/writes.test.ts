import { describe, expect, test } from '@jest/globals';
import type { WriteRow } from '../../../adapters/ledger/writes.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const row = (changes: Partial<WriteRow> = {}): WriteRow => ({
  key: 'commit/7',
  chain: 'devnet',
  hotkey: hotkey('5Validator'),
  request: {
    key: 'commit/7',
    call: { kind: 'set_commitment', netuid: netuid(1), text: '{"é":1}' },
    deadline: blocks(100),
    replyTo: null,
  },
  outcome: null,
  extrinsicHash: null,
  block: null,
  ...changes,
});

describe('a chain write', () => {
  test('is replaced by what became of it', async () => {
    await using temporary = await temporaryLedger();
    const { writes } = temporary.ledger;
    await writes.record(row());
    expect(await writes.get('commit/7')).toEqual(row());
    const outcome = {
      kind: 'included',
      extrinsicHash: '0xab',
      block: blocks(9),
      index: 1,
      uids: [],
      values: [],
    } as const;
    const settled = row({ outcome, extrinsicHash: '0xab', block: blocks(9) });
    await writes.record(settled);
    expect(await writes.get('commit/7')).toEqual(settled);
    expect(await writes.list()).toEqual([settled]);
    expect(await writes.get('commit/8')).toBeNull();
  });

  test('is listed by hotkey', async () => {
    await using temporary = await temporaryLedger();
    const { writes } = temporary.ledger;
    const other = hotkey('5Other');
    await writes.record(row({ key: 'a' }));
    await writes.record(row({ key: 'b', hotkey: other }));
    await writes.record(row({ key: 'c', hotkey: other }));
    const keys = async (filter: Parameters<typeof writes.list>[0]) => (await writes.list(filter)).map(({ key }) => key);
    expect((await keys({ hotkey: other })).toSorted()).toEqual(['b', 'c']);
    expect(await keys({ limit: 2 })).toHaveLength(2);
  });
});

test('signed extrinsics are kept once each, by their write', async () => {
  await using temporary = await temporaryLedger();
  const { prepared } = temporary.ledger;
  const extrinsic = { hash: '0x01', key: 'a', nonce: 3, eraBirth: blocks(8), eraPeriod: 16, bytesHex: '0xff' } as const;
  const later = { ...extrinsic, hash: '0x02', eraBirth: blocks(24) } as const;
  for (const each of [extrinsic, extrinsic, { ...extrinsic, hash: '0x03', key: 'b' } as const, later]) {
    await prepared.record(each);
  }
  expect(await prepared.list('a')).toEqual([extrinsic, later]);
});
