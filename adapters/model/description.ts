import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../../domain/errors/error.ts';

const count = z.number().int().positive();

const schema = z.object({
  format: z.literal(1),
  layers: count,
  experts: count,
  groups: count,
  topK: count,
  width: count,
  hidden: count,
  heads: count,
  /**
   * Tokens of text in one row. Its inputs are a first one and all of the text but the last; its targets are the text.
   */
  context: count,
  /** Tokens that are predicted; a group's tag is this number plus the group's. */
  vocabulary: count,
  /** How many tags the model knows; 0 where rows begin with the same token whatever the group. */
  tags: z.number().int().nonnegative(),
  /** What rows begin with where there are no tags. */
  firstToken: z.number().int().nonnegative().nullable().default(null),
  parameters: count,
  /** What an exported model was made from, as its configuration calls it. */
  architecture: z.string().nullable().default(null),
});

const checked = schema
  .refine(({ tags, groups }) => tags === 0 || tags >= groups, 'it has fewer tags than groups')
  .refine(
    ({ tags, firstToken, vocabulary }) => tags > 0 || (firstToken !== null && firstToken < vocabulary),
    'it has neither tags nor a token to begin a row with',
  );

/** What the exporter says of a model, in its `model.json`. */
export type ModelDescription = Readonly<z.infer<typeof schema>>;

/** Reads a file of a model's folder. @throws OST_MODEL_FILE_MISSING */
export async function readModelFile(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    throw fail('OST_MODEL_FILE_MISSING', { folder, file }, { cause: error });
  }
}

/** @throws OST_MODEL_FILE_MISSING, OST_MODEL_GRAPH_MALFORMED */
export async function readModelDescription(folder: string): Promise<ModelDescription> {
  const text = await readModelFile(folder, 'model.json');
  try {
    return checked.parse(JSON.parse(text.toString('utf8')));
  } catch (error) {
    throw fail('OST_MODEL_GRAPH_MALFORMED', { file: 'model.json', problem: 'it is malformed' }, { cause: error });
  }
}
