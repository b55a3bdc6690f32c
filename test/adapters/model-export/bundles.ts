import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { assembleParts } from '../../../adapters/model/parts.ts';
import { decodeTable, encodeTo, type FloatFormat, isFloatFormat } from '../../../domain/merge/float-formats.ts';

const tensorSchema = z.object({ norm: z.number(), sum: z.number(), first: z.array(z.number()) });

/**
 * What transformers computes with the checkpoint that a bundle was made from; models/exporter/make_fixture.py wrote it.
 */
const goldenSchema = z.object({
  rows: z.array(z.array(z.number())),
  losses: z.array(z.number()),
  groups: z.array(
    z.object({
      group: z.number(),
      /** Losses with this group's tensors changed by {@link writePerturbed}. */
      perturbed: z.array(z.number()),
      gradients: z.record(z.string(), tensorSchema),
    }),
  ),
});

export const bundlesFolder = join(import.meta.dirname, '../../fixtures/models');
export const bundleNames = ['qwen2_moe', 'qwen3_moe', 'deepseek_v2', 'deepseek_v3'] as const;

/** A tiny, randomly initialised model that was exported. */
export async function readBundle(name: string) {
  const modelFolder = join(bundlesFolder, name);
  const golden = goldenSchema.parse(JSON.parse(await readFile(join(modelFolder, 'golden.json'), 'utf8')));
  return { modelFolder, golden, parts: assembleParts(modelFolder, golden.groups.length) };
}

/** Writes another submission: every third element of a tensor times -1.5, the others halved, as moe/check.py does. */
export async function writePerturbed(from: string, to: string): Promise<void> {
  const { tensors } = await readSafetensorsHeader(from);
  const file = await readFile(from);
  await writeSafetensors(
    to,
    Array.from(tensors, ([name, { dtype, shape, begin, end }]) => {
      if (!isFloatFormat(dtype)) throw new TypeError(`${name} is ${dtype}`);
      const bytes = Uint8Array.from(file.subarray(begin, end));
      return { name, dtype, shape, data: perturbed(bytes.buffer, dtype) };
    }),
  );
}

function perturbed(bytes: ArrayBuffer, dtype: FloatFormat): Uint8Array {
  const change = (value: number, index: number): number => value * (index % 3 === 0 ? -1.5 : 0.5);
  if (dtype === 'F32') return new Uint8Array(new Float32Array(bytes).map(change).buffer);
  const table = decodeTable(dtype);
  const values = Float32Array.from(new Uint16Array(bytes), (code, index) => change(table[code] ?? Number.NaN, index));
  return new Uint8Array(encodeTo(dtype, values).buffer);
}

/** Packed tokens, the same for each group. */
export async function writeTokens(folder: string, tokens: readonly number[], groups: number): Promise<string> {
  const path = join(folder, 'tokens');
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'all.tokens'), new Uint8Array(Int32Array.from(tokens).buffer));
  const file = { file: 'all.tokens', tokens: tokens.length };
  const packed = { format: 1, width: 4, examples: 1, groups: Array.from({ length: groups }, () => file) };
  await writeFile(join(path, 'packed.json'), JSON.stringify(packed));
  return path;
}
