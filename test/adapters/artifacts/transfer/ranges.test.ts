import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerPath, partialPath } from '../../../../adapters/artifacts/chunks/chunk-file.ts';
import { readChunkLedger } from '../../../../adapters/artifacts/chunks/ledger.ts';
import { listChunks } from '../../../../adapters/artifacts/chunks/list.ts';
import { download } from '../../../../adapters/artifacts/transfer/download.ts';
import { RangeServer } from './range-server.ts';

const chunkBytes = 64 * 1024;
const count = 40;
const content = randomBytes(count * chunkBytes - 777);

let folder: string;
let to: string;
let server: RangeServer;
let child: ChildProcess | null;
beforeEach(async () => {
  child = null;
  folder = await mkdtemp(join(tmpdir(), 'ostinato-ranges-'));
  to = join(folder, 'model.safetensors');
  server = new RangeServer(content);
  await server.start();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await server.stop();
  await rm(folder, { recursive: true });
});

async function listed(): Promise<void> {
  const file = join(folder, 'original');
  await writeFile(file, content);
  server.list = await listChunks(file, chunkBytes);
}
const order = () => ({ url: server.url, to, chunkBytes, ranges: 4 });
const withList = () => ({ ...order(), chunkList: `${server.url}?chunks=1` });
const chunkOf = (index: number) => ({
  begin: index * chunkBytes,
  end: Math.min(content.length, (index + 1) * chunkBytes),
});
const arrivedWhole = async () => (await readFile(to)).equals(content);

/** Sends no answer beyond this offset of the file. */
const stopAt = (limit: number) => {
  server.instead = (request, response) => {
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (request.url?.includes('chunks') === true || last === '' || Number(last) < limit) return false;
    const begin = Number(first);
    const end = Number(last) + 1;
    const headers = {
      etag: server.etag,
      'content-length': end - begin,
      'content-range': `bytes ${begin}-${last}/${content.length}`,
    };
    server.asked.push({ begin, end });
    response.writeHead(206, headers).write(content.subarray(begin, Math.max(begin, limit)));
    return true;
  };
};

describe('several ranges at once', () => {
  test('bring every byte exactly once, and no more connections than allowed', async () => {
    await listed();
    server.delayMs = 5;
    const result = await download(withList());
    expect(result).toMatchObject({ digest: server.digest, bytes: content.length, headers: { etag: server.etag } });
    expect(await arrivedWhole()).toBe(true);
    expect(server.sent).toBe(content.length);
    expect(server.most).toBeGreaterThan(1);
    expect(server.most).toBeLessThanOrEqual(4);
    expect((await readdir(folder)).sort()).toEqual(['model.safetensors', 'original']);
  });

  test('need no list: the first answer says what the file is', async () => {
    expect(await download(order())).toMatchObject({ digest: server.digest });
    expect(await arrivedWhole()).toBe(true);
    expect(server.sent).toBe(content.length);
  });

  test('go on without the connections that a busy or broken server refuses', async () => {
    await listed();
    let asked = 0;
    server.instead = (request, response) => {
      if (request.url?.includes('chunks') === true) return false;
      asked += 1;
      if (asked === 2) response.writeHead(503).end('{"code":"OST_HTTP_BUSY"}');
      if (asked === 3) response.socket?.destroy();
      return asked === 2 || asked === 3;
    };
    expect(await download(withList())).toMatchObject({ digest: server.digest });
    expect(await arrivedWhole()).toBe(true);
  });
});

describe('a chunk that came wrong', () => {
  test('is fetched again, alone', async () => {
    await listed();
    const bad = 17;
    let spoilt = false;
    server.spoil = (bytes, { begin, end }) => {
      const at = chunkOf(bad).begin + 5 - begin;
      if (spoilt || at < 0 || at >= end - begin) return bytes;
      spoilt = true;
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    expect(await download(withList())).toMatchObject({ digest: server.digest });
    expect(await arrivedWhole()).toBe(true);
    expect(server.sent).toBe(content.length + chunkBytes);
  });

  test("again and again is the server's fault, and says which chunk", async () => {
    await listed();
    server.spoil = (bytes, { begin }) => (begin <= chunkOf(3).begin ? Buffer.alloc(bytes.length) : bytes);
    await expect(download(withList())).rejects.toMatchObject({ code: 'OST_ARTIFACT_CHUNK', params: { times: 3 } });
    expect(await readdir(folder)).not.toContain('model.safetensors');
  });
});

describe('what an earlier attempt left', () => {
  test('is kept, and one chunk that rotted on disk costs one chunk', async () => {
    await listed();
    stopAt(content.length * 0.9);
    await expect(
      download({ ...withList(), onProgress: (bytes) => bytes > content.length * 0.85 && server.cut() }),
    ).rejects.toMatchObject({
      code: 'OST_TRANSFER_FAILED',
    });
    const kept = await readChunkLedger(ledgerPath(to));
    const before = kept?.chunks.size ?? 0;
    expect(before).toBeGreaterThan(count / 2);
    const rotten = [...(kept?.chunks.keys() ?? [])][3] ?? 0;
    const partial = await open(partialPath(to), 'r+');
    await partial.write(Buffer.from('rot'), 0, 3, chunkOf(rotten).begin + 9);
    await partial.close();
    server.instead = () => false;
    server.sent = 0;
    expect(await download(withList())).toMatchObject({ digest: server.digest });
    expect(await arrivedWhole()).toBe(true);
    expect(server.asked).toContainEqual(chunkOf(rotten));
    expect(server.sent).toBeLessThanOrEqual((count - before + 1) * chunkBytes);
  });

  test('is never called complete by its length: a sparse file without its ledger is fetched anew', async () => {
    const sparse = await open(partialPath(to), 'w');
    await sparse.truncate(content.length);
    await sparse.close();
    expect(await download(order())).toMatchObject({ digest: server.digest, resumedFrom: 0 });
    expect(await arrivedWhole()).toBe(true);
  });

  test('by a process that was killed costs at most one chunk for each open range', async () => {
    await listed();
    stopAt(content.length * 0.9);
    const module = new URL('./killed-download.ts', import.meta.url).pathname;
    const process_ = spawn(process.execPath, [module, JSON.stringify(withList())], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = process_;
    await once(process_.stdout, 'data');
    // It stands still now: all that the server sends has arrived, and four ranges wait for the rest.
    await sleep(100);
    const ended = once(process_, 'exit');
    process_.kill('SIGKILL');
    await ended;
    expect((await stat(partialPath(to))).size).toBe(content.length);
    const sentBefore = server.asked.reduce(
      (sum, { begin, end }) => sum + Math.min(end, content.length * 0.9) - begin,
      0,
    );
    server.instead = () => false;
    server.sent = 0;
    const result = await download(withList());
    expect(result.digest).toBe(server.digest);
    expect(await arrivedWhole()).toBe(true);
    expect(sentBefore + server.sent - content.length).toBeLessThanOrEqual(4 * chunkBytes);
  });
});

test('a list that lies about the whole is found out, and nothing of it stays', async () => {
  await listed();
  const lie = 'a'.repeat(64);
  if (server.list === null) throw new Error('no list');
  server.list = { ...server.list, digest: lie };
  server.instead = (request, response) => {
    if (request.url?.includes('chunks') === true) return false;
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const end = last === '' ? content.length : Number(last) + 1;
    const headers = { etag: `"${lie}"`, 'content-range': `bytes ${first}-${end - 1}/${content.length}` };
    response.writeHead(206, headers).end(content.subarray(Number(first), end));
    return true;
  };
  await expect(download(withList())).rejects.toMatchObject({ code: 'OST_ARTIFACT_DIGEST' });
  expect(await readdir(folder)).toEqual(['original']);
});

describe('a server that does not serve ranges as it says', () => {
  test.each([
    ['more than it said', (begin: number, end: number) => ({ begin, end, extra: 100 })],
    ['another part', (begin: number, end: number) => ({ begin: begin + 1, end, extra: 0 })],
  ])('sends %s: refused by name', async (_, twist) => {
    await listed();
    server.instead = (request, response) => {
      if (request.url?.includes('chunks') === true) return false;
      const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
      const { begin, end, extra } = twist(Number(first), last === '' ? content.length : Number(last) + 1);
      // Without a length of the body, so that nobody else notices.
      response.writeHead(206, { etag: server.etag, 'content-range': `bytes ${begin}-${end - 1}/${content.length}` });
      response.end(Buffer.alloc(end - begin + extra));
      return true;
    };
    await expect(download({ ...withList(), ranges: 1 })).rejects.toMatchObject({
      code: expect.stringMatching(/^OST_(TRANSFER_PART|ARTIFACT_CHUNK)$/),
    });
  });

  test('drips: given up, and what came is kept', async () => {
    stopAt(chunkBytes * 2);
    const slow = download({ ...order(), ranges: 1, chunkBytes: 1024, slowest: { bytes: 10_000, withinMs: 2_000 } });
    server.instead = (_, response) => {
      const headers = { etag: server.etag, 'content-range': `bytes 0-${content.length - 1}/${content.length}` };
      response.writeHead(206, headers).write(content.subarray(0, 5000));
      return true;
    };
    await expect(slow).rejects.toMatchObject({ code: 'OST_TRANSFER_SLOW', retryable: true });
    expect((await readChunkLedger(ledgerPath(to)))?.chunks.size).toBe(4);
  });
});
