/** One run of our side of bench/training/merge.ts: prints how long it took and what it held at most. */
import { Averaging } from '../../adapters/merge/average.ts';
import { chunkElements, chunksOf, TensorFile } from '../../adapters/merge/tensor-file.ts';

/** Averages all chunks; the sum of their first elements, so that nothing can be left out. */
async function averageAll(files: readonly TensorFile[]): Promise<number> {
  const averaging = new Averaging(files);
  const mean = new Float32Array(chunkElements);
  let check = 0;
  for (const [name, entry] of files[0]?.header.tensors ?? []) {
    for (const chunk of chunksOf(name, entry)) check += (await averaging.mean(chunk, mean))[0] ?? 0;
  }
  return check;
}

const files = await Promise.all(process.argv.slice(2).map((path) => TensorFile.open(path)));
const began = performance.now();
const check = await averageAll(files);
const ms = performance.now() - began;
const peakMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ ms, peakMiB, check })}\n`);
