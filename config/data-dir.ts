import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { fail } from '../domain/errors/error.ts';
import type { Environment } from './environment.ts';
import { readTextFile } from './text-file.ts';

/**
 * The folder that `checkpoints/` lies in: `DATA_DIR` of the environment or of the working directory's `.env`, else the
 * working directory. Throws OST_CONFIG_DATA_DIR where it names no folder.
 */
export function dataFolder(cwd: string, env: Environment = process.env): string {
  const file = join(cwd, '.env');
  const own = env['DATA_DIR'] ?? '';
  const written = own === '' ? (parseEnv(readTextFile(file) ?? '')['DATA_DIR'] ?? '') : own;
  if (written === '') return cwd;
  const folder = resolve(own === '' ? dirname(file) : cwd, written);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw fail('OST_CONFIG_DATA_DIR', { source: own === '' ? file : 'The environment', folder });
}
