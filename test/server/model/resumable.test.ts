import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { listChunks } from '../../../adapters/artifacts/chunks/list.ts';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { uploadResumably } from '../../../adapters/artifacts/transfer/resumable-upload.ts';
import { type ChunkManifest, chunkManifestJson } from '../../../domain/chunk-manifest.ts';
import { blocks } from '../../../domain/units.ts';
import { cycle, groupTensors, people, ServerFixture, submissionEnd } from './fixture.ts';
import { name } from './raw-form.ts';

const chunkBytes = 4096;
const { miner, other } = people;

let fixture: ServerFixture;
let child: ChildProcess | null;
let path: string;
let list: ChunkManifest;
let fields: Record<string, string>;
let content: Buffer;
beforeEach(async () => {
  child = null;
  fixture = await ServerFixture.create();
  const honest = await fixture.commit(miner, groupTensors(0, 5));
  path = honest.path;
  list = await listChunks(path, chunkBytes);
  fields = fixture.fields(miner, honest.hash);
  content = await readFile(path);
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await fixture.end();
});

const url = () => `${fixture.url}/submit`;
const send = (changes: Partial<Parameters<typeof uploadResumably>[0]> = {}) =>
  uploadResumably({ url: url(), fields, file: { path, name, digest: list.digest }, list, ...changes });

async function begin(changes: Readonly<Record<string, unknown>> = {}, base = url()) {
  const { digest: sha256, ...rest } = chunkManifestJson(list);
  const answer = await request(`${base}/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...fields, file_name: name, sha256, ...rest, ...changes }),
  });
  return { status: answer.statusCode, body: JSON.parse(await answer.body.text()) };
}

async function patch(id: string, offset: number, bytes: Uint8Array, base = url()) {
  const answer = await request(`${base}/uploads/${id}`, {
    method: 'PATCH',
    headers: { 'upload-offset': String(offset) },
    body: bytes,
  });
  const text = await answer.body.text();
  const { 'upload-offset': next, 'upload-until': until } = answer.headers;
  return {
    status: answer.statusCode,
    offset: Number(next),
    until: Number(until),
    body: text === '' ? null : JSON.parse(text),
  };
}

/** Sends the beginning of a part over a connection that then stays open. */
function halfSent(base: string, id: string, bytes: Uint8Array, announced: number) {
  const socket = connect(Number(new URL(base).port), '127.0.0.1').on('error', () => undefined);
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString();
  });
  socket.write(
    `PATCH /submit/uploads/${id} HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Length: ${announced}\r\n\r\n`,
  );
  socket.write(bytes);
  return { socket, answer: () => answer };
}

async function shown(id: string, base = url()) {
  const answer = await request(`${base}/uploads/${id}`);
  return JSON.parse(await answer.body.text());
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

const nineTenths = () => Math.floor((content.length * 0.9) / chunkBytes) * chunkBytes;

describe('a resumable upload', () => {
  test('is accepted as a form is, and leaves nothing beside the file', async () => {
    await fixture.start();
    expect(await send()).toEqual({ kind: 'accepted', digest: list.digest, bytes: content.length });
    expect(fixture.accepted).toMatchObject([{ cycle, hotkey: miner.hotkey, digest: list.digest }]);
    expect(await fixture.leftovers()).toEqual([list.digest]);
    expect(await readdir(join(fixture.store.folder, 'uploads'))).toEqual([]);
    expect((await readFile(fixture.store.path(list.digest))).equals(content)).toBe(true);
    // Its answer may have been lost: the same file again is a success.
    expect((await send()).kind).toBe('accepted');
    expect(fixture.accepted).toHaveLength(1);
  });

  test('that broke off goes on at the chunk, also in a server that was started anew', async () => {
    await fixture.start();
    const { status, body } = await begin();
    expect([status, body.offset, body.until]).toEqual([201, 0, content.length]);
    const { socket } = halfSent(url(), body.upload, content.subarray(0, nineTenths() + 100), content.length);
    await until(async () => (await shown(body.upload)).offset === nineTenths());
    socket.destroy();
    await fixture.app?.close();
    await fixture.start();
    const sent: number[] = [];
    expect((await send({ onProgress: (bytes) => sent.push(bytes) })).kind).toBe('accepted');
    // Read in one go from where it goes on: what the first word of progress says of it.
    expect(sent).toEqual([content.length]);
    expect((await begin()).body.code).toBe('OST_SUBMISSION_DUPLICATE');
  });

  test('that was taken just before the server was killed is put away when the next one starts', async () => {
    await fixture.start();
    const uploads = join(fixture.store.folder, 'uploads');
    const kept = join(fixture.store.folder, 'kept');
    await begin();
    await cp(uploads, kept, { recursive: true });
    expect((await send()).kind).toBe('accepted');
    await fixture.app?.close();
    await cp(kept, uploads, { recursive: true });
    await mkdir(join(uploads, `${cycle}-${other.hotkey}`));
    await fixture.start();
    expect(await readdir(uploads)).toEqual([`${cycle}-${other.hotkey}`]);
    expect((await send()).kind).toBe('accepted');
  });

  test('asks again for the one chunk that was damaged on its way, and for nothing else', async () => {
    await fixture.start();
    const { body } = await begin();
    const damaged = Buffer.from(content);
    damaged.writeUInt8(damaged.readUInt8(5 * chunkBytes + 7) ^ 1, 5 * chunkBytes + 7);
    const refused = await patch(body.upload, 0, damaged);
    expect(refused).toMatchObject({ status: 422, offset: 5 * chunkBytes, body: { code: 'OST_UPLOAD_CHUNK' } });
    expect((await patch(body.upload, refused.offset, content.subarray(refused.offset))).status).toBe(200);
  });

  test("asks again for the one chunk that has rotted on the server's disk", async () => {
    await fixture.start();
    const { body } = await begin();
    const most = 10 * chunkBytes;
    expect(await patch(body.upload, 0, content.subarray(0, most))).toMatchObject({ status: 204, offset: most });
    const place = join(fixture.store.folder, 'uploads', `${cycle}-${miner.hotkey}`, 'file.partial');
    const file = await open(place, 'r+');
    await file.write(Buffer.from('rot'), 0, 3, 3 * chunkBytes);
    await file.close();
    const rest = await patch(body.upload, most, content.subarray(most));
    expect(rest).toMatchObject({ status: 204, offset: 3 * chunkBytes, until: 4 * chunkBytes });
    expect((await patch(body.upload, rest.offset, content.subarray(rest.offset, rest.until))).status).toBe(200);
  });

  test('says where it goes on to whoever begins elsewhere or sends too much', async () => {
    await fixture.start();
    const { body } = await begin();
    expect(await patch(body.upload, chunkBytes, content.subarray(chunkBytes))).toMatchObject({
      status: 409,
      offset: 0,
      body: { code: 'OST_UPLOAD_OFFSET' },
    });
    const tooMuch = await patch(body.upload, 0, Buffer.concat([content, Buffer.alloc(100)]));
    expect(tooMuch.status).toBe(409);
    expect(await shown(body.upload)).toMatchObject({ bytes: content.length });
    expect(fixture.accepted).toEqual([]);
    expect((await send()).kind).toBe('accepted');
  });

  test('moves to the newer connection of a miner whose older one is dead', async () => {
    await fixture.start({ limits: { concurrentUploads: 1 } });
    const { body } = await begin();
    const { socket, answer } = halfSent(url(), body.upload, content.subarray(0, 2 * chunkBytes), content.length);
    await until(async () => (await shown(body.upload)).offset === 2 * chunkBytes);
    expect((await patch(body.upload, 2 * chunkBytes, content.subarray(2 * chunkBytes))).status).toBe(200);
    await until(() => answer().includes('OST_UPLOAD_SUPERSEDED'));
    socket.destroy();
  });

  test("is begun by whoever may submit, and by the same signature only for the same miner's upload", async () => {
    await fixture.start();
    const first = await begin();
    expect((await begin()).body.upload).toBe(first.body.upload);
    expect((await begin({ origin_hotkey_ss58: other.hotkey })).status).toBe(400);
    expect((await begin({ file_name: '../x' })).body.code).toBe('OST_SUBMISSION_FILE_NAME');
    expect((await begin({ chunks: [] })).body).toMatchObject({ code: 'OST_HTTP_FIELD' });
    expect((await patch('1.nobody.0', 0, content)).body.code).toBe('OST_UPLOAD_UNKNOWN');
    const guessed = `${cycle}.${miner.hotkey}.${'0'.repeat(32)}`;
    expect((await patch(guessed, 0, content)).status).toBe(404);
  });

  test('ends with its phase; what other cycles left goes when one begins', async () => {
    await fixture.start();
    const uploads = join(fixture.store.folder, 'uploads');
    await mkdir(join(uploads, `${cycle - 1}-${miner.hotkey}`), { recursive: true });
    const { body } = await begin();
    expect(await readdir(uploads)).toEqual([`${cycle}-${miner.hotkey}`]);
    await patch(body.upload, 0, content.subarray(0, chunkBytes));
    fixture.head = blocks(submissionEnd + 1);
    const late = await patch(body.upload, chunkBytes, content.subarray(chunkBytes));
    expect(late).toMatchObject({ status: 409, body: { code: 'OST_SUBMISSION_PHASE' } });
  });

  test('of a list that is not of its file is refused as a whole', async () => {
    await fixture.start();
    const { body } = await begin({ sha256: 'a'.repeat(64) });
    const answer = await patch(body.upload, 0, content);
    expect(answer).toMatchObject({ status: 400, body: { code: 'OST_UPLOAD_DIGEST' } });
    expect(await fixture.leftovers()).toEqual([]);
    expect((await patch(body.upload, 0, content)).status).toBe(404);
  });

  test('of a file that is not what was committed is judged like any other', async () => {
    await fixture.start();
    const foreign = await fixture.commit(other, groupTensors(0, 6));
    list = await listChunks(foreign.path, chunkBytes);
    expect(await send({ file: { path: foreign.path, name } })).toMatchObject({
      status: 400,
      code: 'OST_SUBMISSION_HASH',
    });
    expect(await fixture.leftovers()).toEqual([]);
  });
});

test('an upload to a server that is killed at nine tenths goes on there with the next one', async () => {
  const module = new URL('./killed-server.ts', import.meta.url).pathname;
  const server = spawn(process.execPath, [module], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = server;
  const [line] = await once(server.stdout, 'data');
  const there = JSON.parse(String(line));
  fields = there.fields;
  const base = `${there.url}/submit`;
  const { body } = await begin({}, base);
  halfSent(base, body.upload, content.subarray(0, nineTenths() + 5), content.length);
  await until(async () => (await shown(body.upload, base)).offset === nineTenths());
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
  // Another process opens the store, and sweeps what dead ones left.
  const store = await openStore(there.folder);
  await fixture.start({ store });
  expect(await shown(body.upload)).toMatchObject({ offset: nineTenths(), until: content.length });
  expect((await patch(body.upload, nineTenths(), content.subarray(nineTenths()))).status).toBe(200);
  expect((await readFile(store.path(list.digest))).equals(content)).toBe(true);
  await rm(dirname(there.folder), { recursive: true });
});
