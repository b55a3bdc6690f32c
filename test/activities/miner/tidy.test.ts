import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tidy } from '../../../activities/miner/tidy.ts';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { temporaryFolder } from '../../adapters/model/reference.ts';

test('the newest files and the committed one stay, and so do the last two trainings', async () => {
  await using folder = await temporaryFolder();
  const store = await openStore(join(folder.path, 'artifacts'));
  const trainings = join(folder.path, 'training');
  const digests: string[] = [];
  for (const age of [1, 2, 3, 4]) {
    const file = join(folder.path, `file-${age}`);
    await writeFile(file, Buffer.alloc(100_000, age));
    const { digest } = await store.put({ file }, 'application/vnd.safetensors');
    await utimes(store.path(digest), 1000 - age, 1000 - age);
    digests.push(digest);
    await mkdir(join(trainings, `cycle-${age}`), { recursive: true });
    await utimes(join(trainings, `cycle-${age}`), 1000 - age, 1000 - age);
  }
  const [newest = '', , , oldest = ''] = digests;
  await tidy({ store, checkpointsKept: 1, trainings }, oldest);
  expect((await store.list()).map(({ digest }) => digest).toSorted()).toEqual([newest, oldest].toSorted());
  expect((await readdir(trainings)).toSorted()).toEqual(['cycle-1', 'cycle-2']);
  await tidy({ store, checkpointsKept: 1, trainings }, null);
  expect((await store.list()).map(({ digest }) => digest)).toEqual([newest]);
});
