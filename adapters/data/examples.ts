import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { parseJson } from '../../domain/read-value.ts';
import { readParquet } from './parquet.ts';
import { isReadable } from './select-files.ts';

/** One text of a data set. */
export interface Example {
  readonly text: string;
  /** The expert group that it is for; null for all. */
  readonly group: number | null;
}

export interface ExampleColumns {
  /** The column, or key, that holds the text. */
  readonly text: string;
  /** How many groups there are: a number beyond is refused. */
  readonly groups: number;
}

/**
 * A file, or all files of a folder in a form that is read, in the order of their names. @throws OST_MODEL_FILE_MISSING
 */
export async function filesOf(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    return (await readdir(path))
      .filter(isReadable)
      .toSorted()
      .map((name) => join(path, name));
  } catch (error) {
    throw fail('OST_MODEL_FILE_MISSING', { folder: path, file: '.jsonl file' }, { cause: error });
  }
}

/**
 * Reads texts one after another, from Parquet or from JSON lines, the latter also compressed with gzip.
 *
 * @throws OST_MODEL_DATASET_MALFORMED, OST_DATASET_FILE
 */
export async function* readExamples(files: readonly string[], columns: ExampleColumns): AsyncGenerator<Example> {
  for (const path of files) {
    let line = 0;
    const rows = path.endsWith('.parquet') ? readParquet(path, [columns.text, 'group']) : readJsonLines(path);
    for await (const row of rows) {
      line += 1;
      if (row !== null) yield exampleOf(row, columns, { file: basename(path), line });
    }
  }
}

/** Null for an empty line. What a line holds is looked at by the caller; what is no JSON is no object. */
async function* readJsonLines(path: string): AsyncGenerator<unknown> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe does not hand on what its source dies of.
  file.on('error', (error) => input.destroy(error));
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield text.trim() === '' ? null : parseJson(text);
    }
  } catch (error) {
    if (isOstinatoError(error)) throw error;
    throw fail('OST_DATASET_FILE', { file: basename(path), problem: messageOf(error) }, { cause: error });
  } finally {
    file.destroy();
  }
}

function exampleOf(
  row: unknown,
  { text: column, groups }: ExampleColumns,
  at: { readonly file: string; readonly line: number },
): Example {
  const refuse = (problem: string) => fail('OST_MODEL_DATASET_MALFORMED', { ...at, problem });
  const value = typeof row === 'object' && row !== null ? new Map(Object.entries(row)) : new Map<string, unknown>();
  const text = value.get(column);
  const group: unknown = value.get('group') ?? null;
  if (typeof text !== 'string') throw refuse(`it is no object with a text in "${column}"`);
  if (group === null) return { text, group };
  const number = typeof group === 'bigint' ? Number(group) : group;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) throw refuse('its "group" is no number');
  if (number >= groups) throw refuse(`there is no group ${number}`);
  return { text, group: number };
}
