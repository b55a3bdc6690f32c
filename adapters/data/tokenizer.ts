import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { fail, messageOf } from '../../domain/errors/error.ts';
import { isMissing } from '../artifacts/atomic-file.ts';

/** How a model's text becomes tokens. */
export interface TextTokenizer {
  /** Says that two tokenizers are the same. */
  readonly digest: string;
  readonly width: 1 | 4;
  encode(text: string): ArrayLike<number>;
  /** What stands between two texts. */
  readonly separator: ArrayLike<number>;
}

/** The reference model's: a token is a byte, and a line break stands between texts. */
const bytes: TextTokenizer = {
  digest: 'bytes',
  width: 1,
  encode: (text) => Buffer.from(text),
  separator: Buffer.from('\n'),
};

const configSchema = z.looseObject({
  eos_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
});

/**
 * The tokenizer of a model's folder: `tokenizer.json` where there is one, else bytes. Texts are encoded without the
 * special tokens that a tokenizer would add, and the end-of-text token stands between them, as where a model is
 * trained on packed text.
 *
 * @throws OST_DATASET_TOKENIZER
 */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const text = await readOptional(join(folder, 'tokenizer.json'));
  if (text === null) return bytes;
  const configText = (await readOptional(join(folder, 'tokenizer_config.json'))) ?? '{}';
  try {
    const config = configSchema.parse(JSON.parse(configText));
    const parsed = z.looseObject({}).parse(JSON.parse(text));
    const tokenizer = new Tokenizer(parsed, config);
    const end = typeof config.eos_token === 'string' ? config.eos_token : config.eos_token?.content;
    const id = end === undefined ? undefined : tokenizer.token_to_id(end);
    if (end !== undefined && id === undefined) throw new RangeError(`its end of text "${end}" is no token`);
    return {
      digest: createHash('sha256').update(text).update('\0').update(configText).digest('hex'),
      width: 4,
      encode: (each) => tokenizer.encode(each, { add_special_tokens: false }).ids,
      separator: id === undefined ? [] : [id],
    };
  } catch (error) {
    throw fail('OST_DATASET_TOKENIZER', { folder, problem: messageOf(error) }, { cause: error });
  }
}

async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
