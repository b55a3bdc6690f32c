import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { assembleParts } from '../../../adapters/model/parts.ts';

export const modelFolder = join(import.meta.dirname, '../../../models/reference');
export const base = assembleParts(modelFolder, 4);

/** A folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ostinato-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a copy of a group's file with every value of every tensor changed. */
export async function rewriteGroup(
  from: string,
  to: string,
  change: (value: number, index: number, name: string) => number,
): Promise<void> {
  const { tensors } = await readSafetensorsHeader(from);
  const file = await readFile(from);
  await writeSafetensors(
    to,
    Array.from(tensors, ([name, { shape, begin, end }]) => {
      const bytes = Uint8Array.from(file.subarray(begin, end));
      const values = new Float32Array(bytes.buffer);
      for (const [index, value] of values.entries()) values[index] = change(value, index, name);
      return { name, dtype: 'F32' as const, shape, data: bytes };
    }),
  );
}
