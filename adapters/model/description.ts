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
  /** Bytes of text in one row. Its tokens are the tag and all bytes but the last; its targets are the bytes. */
  context: count,
  /** Tokens that are predicted; a group's tag is this number plus the group's. */
  vocabulary: count,
  tags: count,
  parameters: count,
});

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
    return schema.parse(JSON.parse(text.toString('utf8')));
  } catch (error) {
    throw fail('OST_MODEL_GRAPH_MALFORMED', { file: 'model.json', problem: 'it is malformed' }, { cause: error });
  }
}
