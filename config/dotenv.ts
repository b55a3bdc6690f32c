import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './environment.ts';
import { readTextFile } from './text-file.ts';

export interface DotenvFile {
  readonly file: string;
  /** What a relative path in it starts from. */
  readonly base: string;
  readonly environment: Environment;
}

/** The `.env` files that count, the weaker one first: the working directory's, then the deployment's own. */
export function readDotenv(cwd: string, folder: string): readonly DotenvFile[] {
  const found: DotenvFile[] = [];
  for (const file of new Set([join(cwd, '.env'), join(folder, '.env')])) {
    const text = readTextFile(file);
    if (text !== null) found.push({ file, base: dirname(file), environment: parseEnv(text) });
  }
  return found;
}
