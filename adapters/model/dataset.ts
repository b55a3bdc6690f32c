import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { fail, messageOf } from '../../domain/errors/error.ts';

/** Held-out text by group. */
export type HeldOutTexts = readonly Uint8Array[];

const lineSchema = z.object({ text: z.string(), group: z.number().int().nonnegative().optional() });

/**
 * Reads a data set of one JSON object a line: `{"text": "…", "group": 2}`. A line without a group belongs to all of
 * them. The texts of a group are joined by line breaks in the order of the files' names and lines.
 *
 * @param path a file, or a folder of which all `.jsonl` files are read
 * @throws OST_MODEL_FILE_MISSING, OST_MODEL_DATASET_MALFORMED
 */
export async function readDataset(path: string, groups: number): Promise<HeldOutTexts> {
  const texts = Array.from({ length: groups }, (): string[] => []);
  for (const file of await filesOf(path)) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() === '') continue;
      const entry = parseLine(text, { file: basename(file), line, groups });
      for (const [group, list] of texts.entries()) if ((entry.group ?? group) === group) list.push(entry.text);
    }
  }
  return texts.map((list) => Buffer.from(list.join('\n')));
}

async function filesOf(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith('.jsonl'));
    return names.toSorted().map((name) => join(path, name));
  } catch (error) {
    throw fail('OST_MODEL_FILE_MISSING', { folder: path, file: '.jsonl file' }, { cause: error });
  }
}

function parseLine(text: string, at: { readonly file: string; readonly line: number; readonly groups: number }) {
  const refuse = (problem: string, cause?: unknown) =>
    fail('OST_MODEL_DATASET_MALFORMED', { file: at.file, line: at.line, problem }, { cause });
  try {
    const entry = lineSchema.parse(JSON.parse(text));
    if ((entry.group ?? 0) >= at.groups) throw new RangeError(`there is no group ${entry.group}`);
    return entry;
  } catch (error) {
    if (error instanceof RangeError) throw refuse(messageOf(error), error);
    throw refuse('it is no object with "text" and "group"', error);
  }
}
