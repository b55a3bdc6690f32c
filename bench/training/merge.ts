/**
 * Averaging the pseudo-gradients of 4 validators, 256 MiB of bfloat16 each, against the same sum in numpy (16-bit words
 * shifted into float32, added up chunk by chunk); see bench/README.md. Exits with 1 where a bar is missed.
 *
 * Run: node bench/training/merge.ts [rounds]; PYTHON names a Python with numpy, else it is python3.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeSafetensors } from '../../adapters/artifacts/safetensors-writer.ts';
import { ratios, rounded, spreadOf } from '../chain/spread.ts';

const atLeast = 0.5;
const atMostMiB = 512;
const peers = 4;
const mebibytes = 256;

interface Run {
  readonly ms: number;
  readonly peakMiB: number;
}

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 7);
const folder = await mkdtemp(join(tmpdir(), 'ostinato-bench-'));
try {
  const files: string[] = [];
  for (let peer = 0; peer < peers; peer++) {
    const file = join(folder, `peer-${peer}`);
    const data = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < mebibytes; i++) yield smallNumbers();
    };
    await writeSafetensors(file, [{ name: 'w', dtype: 'BF16', shape: [(mebibytes * 2 ** 20) / 2], data }]);
    files.push(file);
  }
  const measure = async (command: string, script: string): Promise<Run> => {
    const { stdout } = await run(command, [join(import.meta.dirname, script), ...files]);
    return JSON.parse(stdout) as Run; // our own scripts' only line
  };
  const ours: Run[] = [];
  const numpy: Run[] = [];
  for (let round = -1; round < rounds; round++) {
    const sides = [
      async () => ours.push(await measure(process.execPath, 'merge-ours.ts')),
      async () => numpy.push(await measure(process.env['PYTHON'] ?? 'python3', 'merge_numpy.py')),
    ];
    // The one that begins changes from round to round; the first round brings the files into memory and does not count.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side();
  }
  const counted = { ours: ours.slice(1).map(({ ms }) => ms), other: numpy.slice(1).map(({ ms }) => ms) };
  const ratio = spreadOf(ratios(counted));
  const peakMiB = Math.max(...ours.map((each) => each.peakMiB));
  const passed = ratio.median >= atLeast && peakMiB < atMostMiB;
  const figures = {
    rounds,
    oursMs: rounded(spreadOf(counted.ours)),
    numpyMs: rounded(spreadOf(counted.other)),
    numpyOverOurs: rounded(ratio),
    bar: atLeast,
    peakMiB: Math.round(peakMiB),
    memoryBarMiB: atMostMiB,
  };
  process.stdout.write(`${JSON.stringify({ name: 'mean of 4 × 256 MiB of bfloat16', passed, figures })}\n`);
  if (!passed) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

/** A mebibyte of numbers as pseudo-gradients have them: below one, of either sign. */
function smallNumbers(): Uint8Array {
  const codes = new Uint16Array(randomBytes(2 ** 20).buffer, 0, 2 ** 19);
  for (let i = 0; i < codes.length; i++) codes[i] = ((codes[i] ?? 0) & 0x83ff) | 0x3800;
  return new Uint8Array(codes.buffer, 0, 2 ** 20);
}
