import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { request } from 'undici';
import { listChunks } from '../../../adapters/artifacts/chunks/list.ts';
import { uploadResumably } from '../../../adapters/artifacts/transfer/resumable-upload.ts';
import { upload } from '../../../adapters/artifacts/transfer/upload.ts';
import { chunkManifestJson } from '../../../domain/chunk-manifest.ts';
import { smallDisk } from '../../setup/small-disk.ts';
import { groupTensors, people, ServerFixture } from './fixture.ts';
import { name } from './raw-form.ts';

// Transfers keep 64 MiB free for others, so that only a larger disk becomes full in the middle of one.
const { folder: disk, fill, makeRoom, test: onSmallDisk } = smallDisk(80);
const { miner } = people;
const busy = { kind: 'busy', status: 507, code: 'OST_DISK_FULL' };

onSmallDisk(
  'a server whose disk is full has a submission sent again later, and takes it when there is room',
  async () => {
    const fixture = await ServerFixture.create(disk);
    try {
      await fixture.start();
      const { path, hash, digest } = await fixture.commit(miner, groupTensors(0, 5));
      const { length } = await readFile(path);
      const send = () =>
        upload({ url: `${fixture.url}/submit`, fields: fixture.fields(miner, hash), file: { path, name } });
      fill();
      expect(await send()).toMatchObject(busy);
      const refused = await request(`${fixture.url}/submit/uploads`, { method: 'POST', body: '{}' });
      await refused.body.dump();
      expect(await fixture.leftovers()).toEqual([]);
      expect(fixture.accepted).toEqual([]);
      makeRoom();
      expect(await send()).toEqual({ kind: 'accepted', digest, bytes: length });
      expect(await fixture.store.verify(digest)).toBe('sound');
    } finally {
      makeRoom();
      await fixture.end();
    }
  },
);

onSmallDisk('an upload goes on at the chunk at which the server’s disk was full', async () => {
  const fixture = await ServerFixture.create(disk);
  try {
    await fixture.start();
    const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
    const content = await readFile(path);
    const list = await listChunks(path, 4096);
    const url = `${fixture.url}/submit`;
    const fields = fixture.fields(miner, hash);
    const send = () => uploadResumably({ url, fields, file: { path, name, digest: list.digest }, list });
    fill();
    expect(await send()).toMatchObject(busy);
    makeRoom();

    const { digest: sha256, ...rest } = chunkManifestJson(list);
    const begun = await request(`${url}/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...fields, file_name: name, sha256, ...rest }),
    });
    const { upload: id } = (await begun.body.json()) as { readonly upload: string };
    const offset = async () =>
      Number((await request(`${url}/uploads/${id}`, { method: 'HEAD' })).headers['upload-offset']);
    const half = 6 * list.chunkBytes;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.write(
      `PATCH /submit/uploads/${id} HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Length: ${content.length}\r\n\r\n`,
    );
    socket.write(content.subarray(0, half));
    while ((await offset()) < half) await sleep(5);
    fill();
    socket.write(content.subarray(half));
    const answer = await answered;
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 507 /);
    expect(answer).toMatch(/\r\nretry-after: 30\r\n/i);
    expect(answer).toContain('OST_DISK_FULL');
    // One block was left: nothing of the rest counts beyond it.
    expect(await offset()).toBeGreaterThanOrEqual(half);
    expect(await offset()).toBeLessThan(content.length);
    expect(await fixture.leftovers()).toEqual([]);

    makeRoom();
    expect(await send()).toEqual({ kind: 'accepted', digest: list.digest, bytes: content.length });
    expect((await readFile(fixture.store.path(list.digest))).equals(content)).toBe(true);
    expect(await readdir(join(fixture.store.folder, 'uploads'))).toEqual([]);
  } finally {
    makeRoom();
    await fixture.end();
  }
});
