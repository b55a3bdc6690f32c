import { expect, test } from '@jest/globals';
import type { PeerPurpose, SignedPeerMessage } from '../../../domain/peers/message.ts';
import { peerPurposes } from '../../../domain/peers/message.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';
import { rootMessage } from '../../../domain/verdict.ts';
import { cycleRecord, scope, validator } from '../../domain/cycle-fixture.ts';
import { temporaryLedger } from './temporary-ledger.ts';

const peer = hotkey('5Peer');
const say = (changes: Partial<SignedPeerMessage>): SignedPeerMessage => ({
  ...rootMessage(cycleRecord([]), 'ab'.repeat(32)),
  signature: 'A'.repeat(86),
  ...changes,
});

test('of old messages the roots that this validator signed stay, whoever else filled its ledger', async () => {
  await using temporary = await temporaryLedger();
  const { peers } = temporary.ledger;
  for (const cycle of [3, 7, 8]) {
    for (const purpose of peerPurposes) {
      for (const from of [validator, peer]) {
        expect(await peers.record(say({ cycle, purpose, from }), blocks(100))).toBe('new');
      }
    }
  }
  const elsewhere = say({ cycle: 3, netuid: netuid(2), purpose: 'scores-table' });
  await peers.record(elsewhere, blocks(100));
  const heard = async (cycle: number) => {
    const said = async (purpose: PeerPurpose) => peers.list({ ...scope, cycle, purpose });
    const lists = await Promise.all(peerPurposes.map(said));
    return lists.flat().map(({ message: { purpose, from } }) => [purpose, from]);
  };
  const all = 2 * peerPurposes.length;

  // Two cycles of which one message each stays.
  expect(await peers.prune({ ...scope, cycle: 8, hotkey: validator })).toBe(2 * (all - 1));
  expect(await heard(3)).toEqual([['cycle-root', validator]]);
  expect(await heard(7)).toEqual([['cycle-root', validator]]);
  expect(await heard(8)).toHaveLength(all);
  expect(await peers.list({ ...elsewhere })).toHaveLength(1);

  expect(await peers.prune({ ...scope, cycle: 8, hotkey: validator })).toBe(0);
});
