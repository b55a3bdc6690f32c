import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { listChunks } from '../../../adapters/artifacts/chunks/list.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { convertTorchFile } from '../../../adapters/artifacts/torch/convert.ts';
import { convertBeside } from '../../../adapters/artifacts/torch/threaded-convert.ts';
import { writeTorchFile } from '../../../adapters/artifacts/torch/write.ts';
import { download } from '../../../adapters/artifacts/transfer/download.ts';
import { accumulate } from '../../../adapters/merge/accumulate.ts';
import { outerStep } from '../../../adapters/published-model/merge.ts';
import { openPublishedModels } from '../../../adapters/published-model/open.ts';
import { blocks, hotkey } from '../../../domain/units.ts';
import { full, smallDisk } from '../../setup/small-disk.ts';
import { RangeServer } from './transfer/range-server.ts';

// Transfers keep 64 MiB free for others, so that only a larger disk becomes full in the middle of one.
const { folder: disk, fill, makeRoom, test: onDisk } = smallDisk(80);
const mib = 1024 * 1024;

let outside: string;
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'ostinato-outside-'));
});
afterAll(() => rm(outside, { recursive: true, force: true }));

onDisk('a download goes on at the chunk at which the disk was full, and asks for nothing twice', async () => {
  const server = new RangeServer(randomBytes(4 * mib));
  await server.start();
  try {
    const folder = join(disk, 'downloads');
    await mkdir(folder);
    const to = join(folder, 'model');
    const source = join(outside, 'downloaded');
    await writeFile(source, server.content);
    server.list = await listChunks(source, mib / 4);
    const order = { url: server.url, chunkList: `${server.url}?chunks=1`, to, ranges: 2 };

    fill();
    await expect(download(order)).rejects.toMatchObject(full);
    expect(server.sent).toBe(0);
    makeRoom();

    server.spoil = (bytes, { begin }) => {
      if (begin >= 2 * mib) fill();
      return bytes;
    };
    await expect(download(order)).rejects.toMatchObject(full);
    expect(await readdir(folder)).not.toContain('model');

    makeRoom();
    server.spoil = (bytes) => bytes;
    server.asked.length = 0;
    const { resumedFrom, digest } = await download(order);
    expect(resumedFrom).toBeGreaterThan(0);
    expect(server.asked.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBe(
      server.content.length - resumedFrom,
    );
    expect(digest).toBe(server.digest);
    expect(await readdir(folder)).toEqual(['model']);
    expect((await readFile(to)).equals(server.content)).toBe(true);
  } finally {
    makeRoom();
    await server.stop();
  }
});

onDisk('a file of torch is converted when there is room, and before that there is none of it', async () => {
  const [original, torch] = [join(outside, 'group.safetensors'), join(outside, 'group.pt')];
  const data = randomBytes(6 * mib);
  await writeSafetensors(original, [{ name: 'w', dtype: 'F32', shape: [1.5 * mib], data }]);
  await writeTorchFile(original, torch);
  const folder = join(disk, 'converted');
  await mkdir(folder);
  const to = join(folder, 'group.safetensors');

  fill();
  await expect(convertBeside(torch, to, { name: 'the submission', maxBytes: 64 * mib })).rejects.toMatchObject(full);
  await expect(writeTorchFile(original, join(folder, 'group.pt'))).rejects.toMatchObject(full);
  makeRoom();

  const converting = convertTorchFile(torch, to).catch((error: unknown) => error);
  while ((await readdir(folder)).length === 0) await turn();
  fill();
  expect(await converting).toMatchObject(full);
  expect(await readdir(folder)).toEqual([]);

  makeRoom();
  await convertTorchFile(torch, to);
  expect(await hashTensors(to)).toEqual(await hashTensors(original));
});

onDisk(
  'a merge takes its step when there is room, the same as ever, and the old model is served until then',
  async () => {
    const base = join(outside, 'base');
    await mkdir(base);
    const group = (scale: number) => ({
      name: 'layers.0.experts.0',
      dtype: 'F32' as const,
      shape: [mib / 16],
      data: new Uint8Array(Float32Array.from({ length: mib / 16 }, (_, i) => Math.sin(i) * scale).buffer),
    });
    const embed = { name: 'embed', dtype: 'F32' as const, shape: [1], data: new Uint8Array(4) };
    await writeSafetensors(join(base, 'model_shared.safetensors'), [embed]);
    const part = join(base, 'model_expgroup_0.safetensors');
    await writeSafetensors(part, [group(1)]);
    const submission = join(outside, 'submission');
    await writeSafetensors(submission, [group(0.5)]);
    const accepted = [{ hotkey: hotkey('5Miner'), file: submission }];
    const settings = { learningRate: 0.7, momentum: 0.9, version: blocks(28) };

    const roomy = await openStore(join(outside, 'artifacts'));
    const expected = await outerStep(
      (await (await openPublishedModels(join(outside, 'model'), roomy)).ensureBase(base)).manifest,
      [{ group: 0, digest: (await accumulate(0, part, accepted, roomy)).ref?.digest ?? '' }],
      settings,
      roomy,
    );

    const store = await openStore(join(disk, 'artifacts'));
    const models = await openPublishedModels(join(disk, 'model'), store);
    const served = await models.ensureBase(base);
    const untouched = async () => {
      expect(await readdir(store.temporary)).toEqual([]);
      expect(await models.current()).toEqual(served);
      await sound(store);
    };

    // Room for half of a pseudo-gradient of 256 KiB.
    fill(mib / 8);
    await expect(accumulate(0, part, accepted, store)).rejects.toMatchObject(full);
    await untouched();
    makeRoom();
    const { ref } = await accumulate(0, part, accepted, store);
    const gradients = [{ group: 0, digest: ref?.digest ?? '' }];

    // The step writes the part, its momentum and the whole: 256 KiB each, some of them twice. It is full in each of
    // them.
    for (const parts of [0.5, 1.5, 2.5, 3.5]) {
      fill((parts * mib) / 4);
      await expect(outerStep(served.manifest, gradients, settings, store)).rejects.toMatchObject(full);
      await untouched();
    }
    fill();
    await expect(models.put({ ...expected, version: 1 })).rejects.toMatchObject(full);
    await untouched();

    makeRoom();
    const stepped = await outerStep(served.manifest, gradients, settings, store);
    expect(stepped).toEqual(expected);
    const { manifestDigest } = await models.put(stepped);
    fill(0);
    await expect(models.publish(manifestDigest)).rejects.toMatchObject(full);
    expect(await models.current()).toEqual(served);
    makeRoom();
    await models.publish(manifestDigest);
    expect((await models.current())?.manifest).toEqual(expected);
  },
);

async function sound(store: ArtifactStore): Promise<void> {
  for (const { digest } of await store.list()) expect(await store.verify(digest)).toBe('sound');
}
