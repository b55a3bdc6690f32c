import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import { diskError, syncFolder, writeAll } from '../artifacts/atomic-file.ts';
import type { Example } from './examples.ts';
import { type Packed, packedFileName } from './packed.ts';
import type { TextTokenizer } from './tokenizer.ts';

const bufferBytes = 1024 * 1024;

export interface PackOptions {
  readonly tokenizer: TextTokenizer;
  readonly groups: number;
  /** Tokens at and beyond it are refused: the model has no row for them. */
  readonly vocabulary: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes the tokens of a data set one after another, for each group, so that any row of them can be read later
 * whatever the size of the whole. Memory holds one example and a buffer for each group.
 *
 * Texts follow one another without padding: every position of a row is predicted, no graph needs a mask, and the
 * row's number says all about it. The folder appears when it is complete.
 *
 * @throws OST_DATASET_TOKENIZER, OST_DISK_FULL, the signal's reason, or what the examples throw
 */
export async function packExamples(
  examples: AsyncIterable<Example>,
  folder: string,
  { tokenizer, groups, vocabulary, signal }: PackOptions,
): Promise<Packed> {
  const temporary = `${folder}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    const pack = await Pack.open(temporary, tokenizer, groups);
    let count = 0;
    try {
      for await (const { text, group } of examples) {
        signal?.throwIfAborted();
        const tokens = tokenizer.encode(text);
        const wrong = tokenizer.width === 1 ? -1 : Array.prototype.findIndex.call(tokens, (id) => id >= vocabulary);
        if (wrong >= 0) {
          const problem = `it makes the token ${tokens[wrong]}, and the model has ${vocabulary}`;
          throw fail('OST_DATASET_TOKENIZER', { folder, problem });
        }
        await pack.add(tokens, group);
        count += 1;
      }
    } finally {
      await pack.close();
    }
    const packed: Packed = { format: 1, width: tokenizer.width, examples: count, groups: pack.groups };
    await using handle = await open(join(temporary, packedFileName), 'w');
    await writeAll(handle, Buffer.from(JSON.stringify(packed)));
    await handle.sync();
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await syncFolder(dirname(folder));
    return packed;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw diskError(error, dirname(folder), 0);
  }
}

/** One file as long as every text is for all groups; from the first that is not, one for each. */
class Pack {
  readonly #folder: string;
  readonly #tokenizer: TextTokenizer;
  readonly #groups: number;
  #files: readonly TokenWriter[];

  private constructor(folder: string, tokenizer: TextTokenizer, groups: number, first: TokenWriter) {
    this.#folder = folder;
    this.#tokenizer = tokenizer;
    this.#groups = groups;
    this.#files = [first];
  }

  static async open(folder: string, tokenizer: TextTokenizer, groups: number): Promise<Pack> {
    return new Pack(folder, tokenizer, groups, await TokenWriter.open(folder, 'all.tokens', tokenizer.width, 0));
  }

  get groups(): Packed['groups'] {
    const [first] = this.#files;
    return Array.from({ length: this.#groups }, (_, group) => {
      const file = this.#files[group] ?? first;
      return { file: file?.name ?? '', tokens: file?.tokens ?? 0 };
    });
  }

  async add(tokens: ArrayLike<number>, group: number | null): Promise<void> {
    if (group !== null && this.#files.length < this.#groups) await this.#part();
    for (const [index, file] of this.#files.entries()) {
      if (group !== null && group !== index) continue;
      if (file.tokens > 0) await file.write(this.#tokenizer.separator);
      await file.write(tokens);
    }
  }

  async #part(): Promise<void> {
    const [all] = this.#files;
    if (all === undefined) return;
    await all.close();
    this.#files = await Promise.all(
      Array.from({ length: this.#groups }, async (_, group) => {
        const name = `group_${group}.tokens`;
        await copyFile(join(this.#folder, all.name), join(this.#folder, name), constants.COPYFILE_FICLONE);
        return TokenWriter.open(this.#folder, name, this.#tokenizer.width, all.tokens);
      }),
    );
    await rm(join(this.#folder, all.name));
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }
}

class TokenWriter {
  readonly name: string;
  readonly #handle: FileHandle;
  readonly #width: 1 | 4;
  readonly #buffer = Buffer.alloc(bufferBytes);
  #filled = 0;
  #tokens: number;
  #closed = false;

  private constructor(name: string, handle: FileHandle, width: 1 | 4, tokens: number) {
    this.name = name;
    this.#handle = handle;
    this.#width = width;
    this.#tokens = tokens;
  }

  /** @param tokens how many are there already */
  static async open(folder: string, name: string, width: 1 | 4, tokens: number): Promise<TokenWriter> {
    return new TokenWriter(name, await open(join(folder, name), 'a'), width, tokens);
  }

  get tokens(): number {
    return this.#tokens;
  }

  async write(tokens: ArrayLike<number>): Promise<void> {
    for (let index = 0; index < tokens.length; index += 1) {
      if (this.#filled + this.#width > bufferBytes) await this.#flush();
      const token = tokens[index] ?? 0;
      if (this.#width === 1) this.#buffer[this.#filled] = token;
      else this.#buffer.writeInt32LE(token, this.#filled);
      this.#filled += this.#width;
    }
    this.#tokens += tokens.length;
  }

  async #flush(): Promise<void> {
    await writeAll(this.#handle, this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#flush();
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
  }
}
