/**
 * Speed of the chain client, each figure against an anchor taken in the same run; see bench/README.md.
 * Exits with 1 where a bar is missed.
 *
 * Run: node --expose-gc bench/chain/main.ts [snapshot | decode | reconnects | signatures …]
 */
import { measureDecode } from './decode.ts';
import { openEndpoint } from './open.ts';
import { measureReconnects } from './reconnects.ts';
import type { Result } from './result.ts';
import { measureSignatures } from './signatures.ts';
import { measureSnapshot } from './snapshot.ts';

const delayMs = 50;
const collect = globalThis.gc;
if (collect === undefined) throw new Error('run it with node --expose-gc: memory is measured after a collection');

const endpoint = await openEndpoint(delayMs);
const measurements: Readonly<Record<string, () => Promise<Result>>> = {
  signatures: () => measureSignatures(21),
  decode: () => measureDecode(endpoint, 41),
  reconnects: () => measureReconnects(endpoint, 1_000, () => void collect()),
  snapshot: () => measureSnapshot(endpoint, 3),
};
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(measurements);
try {
  for (const name of chosen) {
    const measure = measurements[name];
    if (measure === undefined)
      throw new Error(`no measurement ${name}; there are ${Object.keys(measurements).join(', ')}`);
    const result = await measure();
    process.stdout.write(`${JSON.stringify({ ...result })}\n`);
    if (!result.passed) process.exitCode = 1;
  }
} finally {
  endpoint.close();
}
