import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createLog } from '../../../cli/log.ts';

/**
 * Logs on a disk that is full until the file of the argument is removed, and tells on stderr that it came to its end.
 */
const [, , ballast = ''] = process.argv;
const log = createLog({ level: 'info', role: 'validator', label: 'full' });
for (let line = 0; line < 60; line += 1) {
  log.info({ line, padding: 'x'.repeat(10_000) }, 'a line');
  if (line === 50) rmSync(ballast);
  await delay(1);
}
process.stderr.write('came to its end');
