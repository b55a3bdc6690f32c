import { readFileSync } from 'node:fs';
import { fail, messageOf } from '../domain/errors/error.ts';

/** The text of a file, or null where there is none. Throws OST_CONFIG_UNREADABLE for every other reason. */
export function readTextFile(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw fail('OST_CONFIG_UNREADABLE', { file, detail: messageOf(error) }, { cause: error });
  }
}
