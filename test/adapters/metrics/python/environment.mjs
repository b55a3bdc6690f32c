import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../../bin/node24.mjs';

// Plain JavaScript without packages: prepare.mjs runs before anything is installed.

export const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** A virtual environment is known by its requirements: other pins, another folder. */
export function wandbFolder(environment = process.env) {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return join(cacheFolder(environment), 'python-wandb', digest);
}

export const pythonIn = (folder) => join(folder, 'bin', 'python');

/** The Python that has wandb: what OSTINATO_TEST_WANDB_PYTHON names, else the prepared one; null for none. */
export function wandbPython(environment = process.env) {
  const named = environment.OSTINATO_TEST_WANDB_PYTHON;
  if (named !== undefined && named !== '') return named;
  const prepared = pythonIn(wandbFolder(environment));
  return existsSync(prepared) ? prepared : null;
}
