import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { nodeFlags } from '../../../adapters/processes/node-flags.ts';
import { Random } from '../../faults/chain/random.ts';
import { malformedSafetensors } from './malformed-safetensors.ts';
import { hostileArchives } from './torch/hostile-archives.ts';
import { hostilePickles } from './torch/hostile-pickles.ts';
import { torchFile } from './torch/zip-file.ts';

const storage = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
const forms: Readonly<Record<'pt' | 'safetensors', readonly ((random: Random) => Uint8Array)[]>> = {
  safetensors: Object.values(malformedSafetensors),
  pt: [
    ...Object.values(hostileArchives),
    ...Object.values(hostilePickles).map((make) => (random: Random) => torchFile(make(random), { 0: storage })),
  ],
};

const resultSchema = z.strictObject({
  codes: z.record(z.string(), z.number()),
  wrong: z.array(z.string()),
  peakKiB: z.number(),
});

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-malformed-'));
  await mkdir(join(folder, 'files'));
  for (let seed = 0; seed < 500; seed += 1) {
    for (const form of ['safetensors', 'pt'] as const) {
      const make = forms[form][seed % forms[form].length];
      if (make !== undefined) await writeFile(join(folder, 'files', `${seed}.${form}`), make(new Random(seed)));
    }
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a thousand malformed checkpoints are each refused with a typed error, within 256 MiB of memory', async () => {
  const files = join(folder, 'files');
  expect(await readdir(files)).toHaveLength(1000);
  const args = [...nodeFlags, join(import.meta.dirname, 'malformed-reader.ts'), files, join(folder, 'out')];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH, NODE_COMPILE_CACHE } });
  const { codes, wrong, peakKiB } = resultSchema.parse(JSON.parse(stdout));
  expect(wrong).toEqual([]);
  expect(Object.values(codes).reduce((sum, count) => sum + count, 0)).toBe(1000);
  expect(Object.keys(codes).length).toBeGreaterThanOrEqual(8);

  expect(peakKiB).toBeGreaterThan(0);
  expect(peakKiB).toBeLessThan(256 * 1024);
  expect(await readdir(folder)).toEqual(['files']);
});
