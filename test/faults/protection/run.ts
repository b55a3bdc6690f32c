import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { eventsOfLife, memory, signaturesIn } from '../../adapters/ledger/lives.ts';

// `npm run faults -- protection [--events N]`: lives of validators with their records, in which no two vectors may be
// signed for one period. A process each for two halves in memory, and one whose files are synchronised to the disk.

const { values } = parseArgs({ allowPositionals: true, options: { events: { type: 'string', default: '100000' } } });
const lives = Math.ceil(Number(values.events) / eventsOfLife);
const onDisk = Math.ceil(lives * 0.03);
const half = Math.ceil((lives - onDisk) / 2);
try {
  const signatures = await Promise.all([
    signaturesIn(memory, half),
    signaturesIn(memory, Math.max(1, lives - onDisk - half)),
    signaturesIn(tmpdir(), onDisk),
  ]);
  const sum = signatures.reduce((total, each) => total + each, 0);
  process.stdout.write(
    `${lives * eventsOfLife} events, ${sum} signatures, and no two of them for one period differ.\n`,
  );
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
