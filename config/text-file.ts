import { readFileSync } from 'node:fs';
import { fail, messageOf } from '../domain/errors/error.ts';

// By its shape, not its class: Node's errors belong to another realm where tests run.
const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

/** The text of a file, or null where there is none. Throws OST_CONFIG_UNREADABLE for every other reason. */
export function readTextFile(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (isMissing(error)) return null;
    throw fail('OST_CONFIG_UNREADABLE', { file, detail: messageOf(error) }, { cause: error });
  }
}
