import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { forgetOldBundles } from '../../workers/bundle.ts';

test('bundles that nobody asked for in a month are forgotten, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-bundles-'));
  try {
    const now = Date.now();
    const ages = { 'workflows-a.cjs': 29, 'workflows-b.cjs': 31, 'workflows-c.cjs.7.tmp': 31, 'notes.txt': 400 };
    for (const [name, days] of Object.entries(ages)) {
      const at = new Date(now - days * 24 * 3_600_000);
      await writeFile(join(folder, name), '');
      await utimes(join(folder, name), at, at);
    }
    await forgetOldBundles(folder, now);
    expect((await readdir(folder)).toSorted()).toEqual(['notes.txt', 'workflows-a.cjs']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
