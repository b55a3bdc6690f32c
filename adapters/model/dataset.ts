import { filesOf, readExamples } from '../data/examples.ts';
import { openPacked } from '../data/packed.ts';
import { openTokenizer, type TextTokenizer } from '../data/tokenizer.ts';
import type { TokenSequence } from '../data/tokens.ts';

/**
 * Opens a data set by group: a folder of packed tokens, or a file, or a folder of files, which are read into memory. A
 * text without a group belongs to all of them; the texts of a group follow one another in the order of files and lines.
 *
 * @throws OST_MODEL_FILE_MISSING, OST_MODEL_DATASET_MALFORMED, OST_DATASET_FILE, OST_DATASET_TOKENIZER
 */
export async function openDataset(
  path: string,
  { modelFolder, groups }: { readonly modelFolder: string; readonly groups: number },
): Promise<readonly TokenSequence[]> {
  const packed = await openPacked(path);
  if (packed !== null) return packed;
  const tokenizer = await openTokenizer(modelFolder);
  const texts = Array.from({ length: groups }, (): string[] => []);
  for await (const { text, group } of readExamples(await filesOf(path), { text: 'text', groups })) {
    for (const [index, list] of texts.entries()) if ((group ?? index) === index) list.push(text);
  }
  return texts.map((list) => tokensOf(list, tokenizer));
}

/** The tokens of texts with the separator between them. */
export function tokensOf(texts: readonly string[], tokenizer: TextTokenizer): TokenSequence {
  if (tokenizer.width === 1) return Buffer.from(texts.join('\n'));
  const tokens: number[] = [];
  for (const [index, text] of texts.entries()) {
    if (index > 0) tokens.push(...Array.from(tokenizer.separator));
    for (const token of Array.from(tokenizer.encode(text))) tokens.push(token);
  }
  return Int32Array.from(tokens);
}
