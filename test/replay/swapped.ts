import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflows } from '../../workers/bundle.ts';

const root = join(import.meta.dirname, '../..');

/** Two activities that one file of the workflows calls. */
export type Swap = readonly [file: string, first: string, second: string];

/**
 * The bundle of a copy of the workflows in which files call two activities in each other's place, which is what a
 * careless change looks like to the workflows that are open while it is rolled out.
 */
export async function swappedBundle(swaps: readonly Swap[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-swapped-'));
  try {
    for (const part of ['workflows', 'domain', 'temporal', 'package.json']) {
      await cp(join(root, part), join(folder, part), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const swap of swaps) await swapIn(folder, swap);
    return await bundleWorkflows(join(folder, 'workflows/index.ts'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function swapIn(folder: string, [file, first, second]: Swap): Promise<void> {
  const path = join(folder, file);
  const code = await readFile(path, 'utf8');
  const swapped = code.replaceAll(new RegExp(`\\b(?:${first}|${second})\\b`, 'g'), (name) =>
    name === first ? second : first,
  );
  if (!code.includes(first) || !code.includes(second)) throw new Error(`${file} does not call ${first} and ${second}`);
  await writeFile(path, swapped);
}
