import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { cacheFolder } from '../temporal/cache.ts';

const root = join(import.meta.dirname, '..');
/** What workflow code may import; a change anywhere in it is another bundle. */
const sources = ['workflows', 'domain', 'temporal'] as const;

/**
 * The workflows as one file. Bundling takes two seconds of a core and several processes of a machine need it, so it
 * is kept in the user's cache under a hash of its sources.
 */
export async function workflowBundle(): Promise<{ readonly codePath: string }> {
  const folder = join(cacheFolder(), 'bundles');
  const codePath = join(folder, `workflows-${await sourceHash()}.cjs`);
  if (existsSync(codePath)) return { codePath };
  const workflowsPath = join(root, 'workflows', 'index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  await mkdir(folder, { recursive: true });
  // Several processes may get here at once; each writes its own file, and all of them are the same.
  const temporary = `${codePath}.${process.pid}.tmp`;
  await writeFile(temporary, code);
  await rename(temporary, codePath);
  return { codePath };
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await readFile(join(root, 'package-lock.json')));
  for (const folder of sources) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((each) => each.endsWith('.ts')).toSorted()) {
      const file = join(root, folder, name);
      hash.update(relative(root, file)).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
