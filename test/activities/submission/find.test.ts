import { describe, expect, test } from '@jest/globals';
import { findSubmission } from '../../../activities/submission/find.ts';
import { blocks, bytes, hotkey, netuid } from '../../../domain/units.ts';
import { alice, validatorDeps } from '../validator-deps.ts';

const miner = hotkey('5Miner');
const search = { cycle: 7, hotkey: miner, window: { start: blocks(36), end: blocks(43) } };
const receipt = {
  chain: 'devnet',
  netuid: netuid(1),
  validator: alice,
  cycle: 7,
  hotkey: miner,
  group: 1,
  modelHash: 'ab'.repeat(24),
  digest: 'cd'.repeat(32),
  bytes: bytes(10),
  block: blocks(37),
  receivedAtBlock: blocks(38),
};

describe('the file of a submission', () => {
  test('is what the model server wrote down for this miner, validator and cycle', async () => {
    await using validator = await validatorDeps();
    const { deps } = validator;
    await deps.ledger.submissions.accept(receipt);
    expect(await findSubmission(deps)(search)).toEqual({ file: { digest: receipt.digest, bytes: 10, block: 38 } });
    for (const other of [{ cycle: 6 }, { hotkey: hotkey('5Other') }]) {
      expect(await findSubmission(deps)({ ...search, ...other })).toEqual({ file: null, served: false });
    }
  });

  test.each([
    ['the miner’s matter where the server was there for the whole phase', 30, 43, true],
    ['nobody’s matter where the server came too late', 39, 60, false],
    ['nobody’s matter where the server left too early', 30, 40, false],
  ] as const)('that is not there is %s', async (_name, from, to, served) => {
    await using validator = await validatorDeps();
    await validator.deps.ledger.presence.note('server', blocks(from), blocks(to));
    expect(await findSubmission(validator.deps)(search)).toEqual({ file: null, served });
  });
});
