import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Schedule } from '../../domain/phases.ts';
import { blocks } from '../../domain/units.ts';
import { isMissing, writeAll, writeAtomically } from '../artifacts/atomic-file.ts';

const length = z.int().min(1);

/** A schedule as a file of the deployment holds it. */
export const scheduleSchema = z
  .object({
    name: z.string(),
    lengths: z.tuple([length, length, length, length, length, length, length, length, length]),
    anchor: z.object({ block: z.int().min(0), cycle: z.int().min(0) }).optional(),
  })
  .transform(
    ({ name, lengths, anchor }): Schedule => ({
      name,
      lengths,
      ...(anchor === undefined ? {} : { anchor: { block: blocks(anchor.block), cycle: anchor.cycle } }),
    }),
  );

/** Reads a JSON file of ours; null where there is none, or none that can be read: it is then learned anew. */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || String(error).includes('JSON')) return null;
    throw error;
  }
}

export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, (handle) => writeAll(handle, new TextEncoder().encode(`${JSON.stringify(value)}\n`)));
}
