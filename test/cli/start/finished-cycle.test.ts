import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { finishedCycle } from '../../../cli/start/finished-cycle.ts';
import { everybody, type SignedPeerMessage } from '../../../domain/peers/message.ts';
import { blocks } from '../../../domain/units.ts';
import { rootBody } from '../../../domain/verdict.ts';
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
    const message: SignedPeerMessage = {
      purpose: 'cycle-root',
      ...scope,
      cycle: record.cycle,
      from: validator,
      to: everybody,
      block: blocks(100),
      body: rootBody(root),
      signature: 'A'.repeat(86),
      ...changes,
    };
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
