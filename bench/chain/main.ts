/**
 * Speed of the chain client, each figure against an anchor taken in the same run; see bench/README.md.
 * Exits with 1 where a bar is missed.
 *
 * Run: node --expose-gc bench/chain/main.ts [snapshot | decode | reconnects | signatures …]
 */
import { type Measurements, runMeasurements } from '../run-measurements.ts';
import { measureDecode } from './decode.ts';
import { openEndpoint } from './open.ts';
import { measureReconnects } from './reconnects.ts';
import { measureSignatures } from './signatures.ts';
import { measureSnapshot } from './snapshot.ts';

const delayMs = 50;
const collect = globalThis.gc;
if (collect === undefined) throw new Error('run it with node --expose-gc: memory is measured after a collection');

const endpoint = await openEndpoint(delayMs);
const measurements: Measurements = {
  signatures: async () => [await measureSignatures(21)],
  decode: async () => [await measureDecode(endpoint, 41)],
  reconnects: async () => [await measureReconnects(endpoint, 1_000, () => void collect())],
  snapshot: async () => [await measureSnapshot(endpoint, 3)],
};
try {
  // Each has rounds of its own.
  await runMeasurements(measurements, { names: process.argv.slice(2), rounds: 0 });
} finally {
  endpoint.close();
}
