import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { convertTorchFile } from '../../../adapters/artifacts/torch/convert.ts';
import { isOstinatoError } from '../../../domain/errors/error.ts';

/**
 * Gives each file of a folder to the reader of its form, and prints as one line of JSON what became of them and the
 * highest memory that it took. A process of its own, because a process has only one peak.
 *
 * node malformed-reader.ts FOLDER OUT
 */
const [, , folder = '', out = ''] = process.argv;
const codes: Record<string, number> = {};
const wrong: string[] = [];
for (const name of (await readdir(folder)).toSorted()) {
  const path = join(folder, name);
  try {
    await (name.endsWith('.pt') ? convertTorchFile(path, out) : readSafetensorsHeader(path));
    wrong.push(`${name} was accepted`);
  } catch (error) {
    if (isOstinatoError(error) && error.fault === 'miner') codes[error.code] = (codes[error.code] ?? 0) + 1;
    else wrong.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
// Not resourceUsage(): the kernel counts there what the parent had when it made this process.
const peakKiB = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
process.stdout.write(`${JSON.stringify({ codes, wrong, peakKiB })}\n`);
