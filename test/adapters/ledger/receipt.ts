import type { Receipt } from '../../../adapters/ledger/receipts.ts';
import { blocks, bytes, hotkey, netuid } from '../../../domain/units.ts';

/** A submission as the ledger has it, with values that no column may round. */
export const receipt = (changes: Partial<Receipt> = {}): Receipt => ({
  chain: 'devnet',
  netuid: netuid(1),
  validator: hotkey('5Validator'),
  cycle: 3,
  hotkey: hotkey('5Miner'),
  group: 2,
  modelHash: 'aa',
  digest: 'bb',
  bytes: bytes(2 ** 33),
  block: blocks(200),
  receivedAtBlock: blocks(201),
  ...changes,
});
