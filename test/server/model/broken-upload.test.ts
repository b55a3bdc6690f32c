import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { upload } from '../../../adapters/artifacts/transfer/upload.ts';
import { blocks, milliseconds } from '../../../domain/units.ts';
import { groupTensors, people, ServerFixture, submissionEnd } from './fixture.ts';
import { name, rawForm } from './raw-form.ts';

let fixture: ServerFixture;
let child: ChildProcess | null;
beforeEach(async () => {
  child = null;
  fixture = await ServerFixture.create();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await fixture.end();
});

const { miner } = people;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

async function send() {
  const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
  return upload({ url: `${fixture.url}/submit`, fields: fixture.fields(miner, hash), file: { path, name } });
}

/** Opens a connection and sends a form's beginning, up to so many bytes of its file. */
async function sendHalf(fileBytes: number) {
  const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
  const { body, type, fileStart } = rawForm(fixture.fields(miner, hash), await readFile(path));
  const socket = connect(Number(new URL(fixture.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.on('error', () => undefined);
  socket.write(`POST /submit HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body.subarray(0, fileStart + fileBytes));
  return { socket, rest: body.subarray(fileStart + fileBytes), answer: () => answer };
}

describe('an upload that does not come through', () => {
  test('leaves nothing when its client goes away, and its place is free again', async () => {
    await fixture.start({ limits: { concurrentUploads: 1 } });
    const { socket } = await sendHalf(10_000);
    await until(async () => (await fixture.leftovers()).length === 1);
    expect(await send()).toMatchObject({ kind: 'busy', status: 503, code: 'OST_HTTP_BUSY' });
    socket.destroy();
    await until(async () => (await fixture.leftovers()).length === 0);
    expect((await send()).kind).toBe('accepted');
  });

  test('is ended when it takes too long', async () => {
    await fixture.start({ limits: { uploadTimeoutMs: milliseconds(300) } });
    const { socket, answer } = await sendHalf(10_000);
    await until(() => answer().includes('OST_HTTP_UPLOAD_TOO_SLOW'));
    expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
    await until(async () => (await fixture.leftovers()).length === 0);
    socket.destroy();
  });

  test('is refused where its phase ends before its last byte', async () => {
    await fixture.start();
    const { socket, rest, answer } = await sendHalf(10_000);
    await until(async () => (await fixture.leftovers()).length === 1);
    fixture.head = blocks(submissionEnd + 1);
    socket.write(rest);
    await until(() => answer().includes('OST_SUBMISSION_PHASE'));
    expect(answer()).toMatch(/^HTTP\/1\.1 409 /);
    expect(await fixture.leftovers()).toEqual([]);
    socket.destroy();
  });

  test('never uses its signature twice', async () => {
    await fixture.start();
    const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
    const fields = fixture.fields(miner, hash);
    const broken = join(fixture.folder, 'noise');
    await writeFile(broken, 'noise');
    const url = `${fixture.url}/submit`;
    expect(await upload({ url, fields, file: { path: broken, name } })).toMatchObject({
      code: 'OST_SAFETENSORS_TRUNCATED',
    });
    expect(await upload({ url, fields, file: { path, name } })).toMatchObject({
      status: 409,
      code: 'OST_HTTP_REPLAYED',
    });
    const padded = { ...fields, signature: `${fields['signature']}==` };
    expect(await upload({ url, fields: padded, file: { path, name } })).toMatchObject({ code: 'OST_HTTP_REPLAYED' });
    expect(await upload({ url, fields: fixture.fields(miner, hash), file: { path, name } })).toMatchObject({
      kind: 'accepted',
    });
  });
});

test('a server that is killed in the middle of an upload leaves nothing that is visible', async () => {
  const module = new URL('./killed-server.ts', import.meta.url).pathname;
  const server = spawn(process.execPath, [module], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = server;
  const [line] = await once(server.stdout, 'data');
  const { url, folder, fields } = JSON.parse(String(line));
  const { body, type, fileStart } = rawForm(fields, Buffer.alloc(50_000));
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  socket.write(`POST /submit HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body.subarray(0, fileStart + 20_000));
  const before = await openStore(folder);
  const visible = await before.list();
  await until(async () => (await readdir(join(folder, 'tmp'))).length === 1);
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
  const after = await openStore(folder);
  expect(await after.list()).toEqual(visible);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  await rm(dirname(folder), { recursive: true });
});
