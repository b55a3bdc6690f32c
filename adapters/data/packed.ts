import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../../domain/errors/error.ts';
import { isMissing } from '../artifacts/atomic-file.ts';
import { TokenFile, type TokenSequence } from './tokens.ts';

/** In a folder of packed tokens, what says what the others are. */
export const packedFileName = 'packed.json';

export const packedSchema = z.strictObject({
  format: z.literal(1),
  width: z.union([z.literal(1), z.literal(4)]),
  examples: z.int().nonnegative(),
  /** For each group, its file and how many tokens that has; groups with equal text share one. */
  groups: z.array(z.strictObject({ file: z.string(), tokens: z.int().nonnegative() })),
});

export type Packed = z.output<typeof packedSchema>;

/** The tokens of each group, or null where the folder holds no packed ones. @throws OST_DATASET_FILE */
export async function openPacked(folder: string): Promise<readonly TokenSequence[] | null> {
  const text = await readPackedFile(folder);
  if (text === null) return null;
  const { width, groups } = packedSchema.parse(JSON.parse(text));
  return Promise.all(
    groups.map(async ({ file, tokens }) => {
      const path = join(folder, file);
      const { size } = await stat(path);
      if (size === tokens * width) return new TokenFile(path, width, tokens);
      throw fail('OST_DATASET_FILE', { file: path, problem: `it has ${size} bytes instead of ${tokens * width}` });
    }),
  );
}

async function readPackedFile(folder: string): Promise<string | null> {
  try {
    // Where a file of texts stands in the place of the folder, there is nothing below it.
    return (await stat(folder)).isDirectory() ? await readFile(join(folder, packedFileName), 'utf8') : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
