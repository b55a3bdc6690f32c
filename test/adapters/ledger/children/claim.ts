/** Opens the ledger, says so, waits for a word, and claims one period for a vector of its own. */
import { once } from 'node:events';
import { openLedger } from '../../../../adapters/ledger/open.ts';
import { isOstinatoError } from '../../../../domain/errors/error.ts';
import { blocks, hotkey, netuid } from '../../../../domain/units.ts';

const [file = '', value = '0'] = process.argv.slice(2);
const ledger = await openLedger({ file });
process.stdout.write('open\n');
await once(process.stdin, 'data');
try {
  const result = await ledger.protection.claim({
    genesis: '0xaa',
    netuid: netuid(1),
    mecid: 0,
    hotkey: hotkey('5Validator'),
    period: blocks(70),
    uids: [1, 2],
    values: [65535, Number(value)],
  });
  process.stdout.write(`${result} ${value}\n`);
} catch (error) {
  if (!isOstinatoError(error)) throw error;
  process.stdout.write(`${error.code} ${value}\n`);
}
await ledger.close();
process.exit(0);
