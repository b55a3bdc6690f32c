/**
 * The originals' tensor hash of 256 MiB, with its scan for NaN and infinity, against `b2sum` over the same bytes; see
 * bench/README.md.
 *
 * Run: node bench/training/tensor-hash.ts [rounds]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeSafetensors } from '../../adapters/artifacts/safetensors-writer.ts';
import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { inTurns, ratios, rounded, spreadOf } from '../chain/spread.ts';

const mebibytes = 256;
const elements = 2 ** 18;
const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 5);

const folder = await mkdtemp(join(tmpdir(), 'ostinato-bench-'));
try {
  const file = join(folder, 'shard.safetensors');
  const values = new Uint8Array(Float32Array.from({ length: elements }, (_, index) => Math.sin(index)).buffer);
  const data = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < mebibytes; i++) yield values;
  };
  await writeSafetensors(file, [{ name: 'w', dtype: 'F32', shape: [mebibytes * elements], data }]);
  const turns = await inTurns(rounds, 1, {
    ours: () => hashTensors(file),
    other: () => run('b2sum', ['--length=192', file]),
  });
  const speed = (times: readonly number[]) => rounded(spreadOf(times.map((ms) => (mebibytes * 1000) / ms)));
  const figures = {
    rounds,
    oursMiBPerS: speed(turns.ours),
    b2sumMiBPerS: speed(turns.other),
    oursOverB2sum: rounded(spreadOf(ratios(turns))),
  };
  process.stdout.write(`${JSON.stringify({ name: 'tensor hash', ...figures })}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
