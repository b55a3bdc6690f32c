/** Stores a cycle and kills itself by SIGKILL right after the statement with the given number. */
import { openLedger } from '../../../../adapters/ledger/open.ts';
import { bigCycle } from '../../../domain/cycle-fixture.ts';

const [file = '', cycle = '0', killAfter = '0'] = process.argv.slice(2);
let armed = false;
let statements = 0;
const ledger = await openLedger({
  file,
  onStatement: () => {
    if (!armed) return;
    statements += 1;
    if (statements === Number(killAfter)) process.kill(process.pid, 'SIGKILL');
  },
});
armed = true;
await ledger.cycles.finish(bigCycle(20, Number(cycle)));
process.stdout.write(`${statements}`);
await ledger.close();
