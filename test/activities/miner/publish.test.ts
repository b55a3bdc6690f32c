import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { TrainedGroup } from '../../../activities/miner/activities.ts';
import { publishArtifact } from '../../../activities/miner/publish.ts';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { hotkey } from '../../../domain/units.ts';
import { asActivity } from '../as-activity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-publish-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function publish(publishFolder: string | null, text: string): Promise<void> {
  const store = await openStore(join(folder, 'artifacts'));
  const ref = await store.put(Buffer.from(text), 'application/vnd.safetensors');
  const trained: TrainedGroup = { ref, modelHash: 'a'.repeat(48), steps: 1, lossFirst: 2, lossLast: 1 };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const deps = { store, publishFolder, log, hotkey: hotkey('5Miner') };
  await asActivity(async () => {
    await publishArtifact(deps)({ group: 2, trained });
    return true;
  });
}

test("the trained file is put where the miner serves files, over the last cycle's, and nothing else is", async () => {
  const www = join(folder, 'www');
  await publish(www, 'first');
  await writeFile(join(www, 'model_expgroup_2.safetensors.tmp'), 'what a crash left');
  await publish(www, 'second');
  expect(await readdir(www)).toEqual(['model_expgroup_2.safetensors']);
  expect(await readFile(join(www, 'model_expgroup_2.safetensors'), 'utf8')).toBe('second');
});

test('without a folder the operator brings the file there', async () => {
  await publish(null, 'first');
  expect(await readdir(folder)).toEqual(['artifacts']);
});
