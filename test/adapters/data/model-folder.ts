import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expected, fixtures } from './fixtures.ts';

const description = {
  format: 1,
  layers: 1,
  experts: 8,
  groups: 4,
  topK: 2,
  width: 8,
  hidden: 8,
  heads: 1,
  context: 32,
  vocabulary: expected.vocabulary,
  tags: 4,
  parameters: 100,
};

/** A model's folder as far as data needs one: its description, and a tokenizer where one is wanted. */
export async function modelFolderIn(
  folder: string,
  options: { readonly tokenizer: boolean; readonly vocabulary?: number },
): Promise<string> {
  const path = join(folder, 'model');
  await mkdir(path, { recursive: true });
  const { vocabulary = description.vocabulary } = options;
  await writeFile(join(path, 'model.json'), JSON.stringify({ ...description, vocabulary }));
  if (options.tokenizer) await cp(join(fixtures, 'tokenizer'), path, { recursive: true });
  return path;
}
