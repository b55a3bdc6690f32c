import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../bin/node24.mjs';

// Plain JavaScript without packages: prepare.mjs runs before anything is installed.

/** The major versions of the Bittensor SDK that are run against the embedded chain. */
export const SDK_MAJORS = [10, 11];

export const requirementsOf = (major) => fileURLToPath(new URL(`requirements-${major}.txt`, import.meta.url));

/** A virtual environment is known by its requirements: other pins, another folder. */
export function sdkFolder(major, environment = process.env) {
  const digest = createHash('sha256')
    .update(readFileSync(requirementsOf(major)))
    .digest('hex')
    .slice(0, 12);
  return join(cacheFolder(environment), 'python-sdk', `bittensor-${major}-${digest}`);
}

export const pythonIn = (folder) => join(folder, 'bin', 'python');

/** The Python that has the SDK: what OSTINATO_PYTHON_SDK_10 or _11 names, else the prepared one; null for none. */
export function sdkPython(major, environment = process.env) {
  const named = environment[`OSTINATO_PYTHON_SDK_${major}`];
  if (named !== undefined && named !== '') return named;
  const prepared = pythonIn(sdkFolder(major, environment));
  return existsSync(prepared) ? prepared : null;
}
