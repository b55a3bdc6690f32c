import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ChunkFile } from '../../../../adapters/artifacts/chunks/chunk-file.ts';
import { download } from '../../../../adapters/artifacts/transfer/download.ts';
import { chunkRange } from '../../../../domain/chunk-manifest.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let to: string;
let server: Server;
let handler: Handler;
let ranges: (string | undefined)[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-download-'));
  to = join(folder, 'model.safetensors');
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const content = randomBytes(300_000);
const digest = createHash('sha256').update(content).digest('hex');
const etag = `"${digest}"`;
const url = () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return `http://127.0.0.1:${address.port}/model?signature=secret`;
};

/** A server that knows ranges; of each answer it sends so many bytes, and then nothing more. */
const serving =
  (bytes: Buffer, breakAfter = Number.POSITIVE_INFINITY): Handler =>
  (request, response) => {
    const tag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
    const [, first = 0, last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const begin = Number(first);
    const tagged = request.headers['if-range'];
    const partial = request.headers.range !== undefined && (tagged === undefined || tagged === tag);
    const from = partial ? begin : 0;
    const to = partial && last !== '' ? Math.min(bytes.length, Number(last) + 1) : bytes.length;
    if (partial && begin >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(partial ? 206 : 200, {
      etag: tag,
      'content-length': to - from,
      ...(partial ? { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` } : {}),
    });
    const end = Math.min(to, from + breakAfter);
    response.write(bytes.subarray(from, end));
    if (end === to) response.end();
  };

/** An attempt whose connection dies as soon as a chunk has arrived. */
const chunkBytes = 20_000;
const brokenOff = () =>
  download({ url: url(), to, chunkBytes, onProgress: (bytes) => bytes >= chunkBytes && server.closeAllConnections() });

/** What an earlier attempt left: a partial file, and a ledger that says that it holds these chunks of this content. */
async function left(bytes: Buffer): Promise<void> {
  const of = { bytes: content.length, chunkBytes, tag: etag };
  await using file = await ChunkFile.open(to, of);
  for (let index = 0; index < file.count; index += 1) {
    const { begin, end } = chunkRange(of, index);
    await file.write(index, content.subarray(begin, end));
  }
  await writeFile(file.path, bytes);
}

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );

describe('a download', () => {
  test('arrives whole under its name, with nothing beside it', async () => {
    handler = serving(content);
    const seen: number[] = [];
    const result = await download({
      url: url(),
      to,
      expected: { digest, bytes: content.length },
      onProgress: (bytes) => seen.push(bytes),
    });
    expect(result).toMatchObject({ bytes: content.length, digest, etag, resumedFrom: 0 });
    expect((await readFile(to)).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
    expect(seen.at(-1)).toBe(content.length);
  });

  test('goes on where it broke off, as often as it takes', async () => {
    handler = serving(content, 100_000);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(brokenOff()).rejects.toMatchObject({
        code: 'OST_TRANSFER_FAILED',
        retryable: true,
      });
    }
    handler = serving(content);
    const result = await download({ url: url(), to, chunkBytes });
    expect(result.resumedFrom).toBeGreaterThan(0);
    expect((await readFile(to)).equals(content)).toBe(true);
    expect(ranges[0]).toBe('bytes=0-');
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
  });

  test('starts from zero where the file has changed meanwhile', async () => {
    handler = serving(content, 100_000);
    await caught(brokenOff());
    const newer = randomBytes(50_000);
    handler = serving(newer);
    expect(await download({ url: url(), to })).toMatchObject({ resumedFrom: 0, bytes: newer.length });
    expect((await readFile(to)).equals(newer)).toBe(true);
  });

  test('starts from zero where the server ignores ranges and sends everything', async () => {
    handler = serving(content, 100_000);
    await caught(brokenOff());
    handler = (_, response) => response.writeHead(200, { 'content-length': content.length }).end(content);
    await download({ url: url(), to, expected: { digest } });
    expect((await readFile(to)).equals(content)).toBe(true);
  });

  test('takes a complete partial file whose name was never given', async () => {
    await left(content);
    handler = serving(content);
    const result = await download({ url: url(), to, expected: { digest } });
    expect(result).toMatchObject({ digest, resumedFrom: content.length, headers: { etag } });
    expect((await readFile(to)).equals(content)).toBe(true);
    expect(ranges).toEqual(['bytes=0-0']);
  });

  test.each([
    ['damaged', Buffer.alloc(1000, 1)],
    ['too long', Buffer.alloc(content.length + 5, 1)],
    ['complete in length only', Buffer.alloc(content.length, 1)],
  ])('believes no ledger whose file is %s, and fetches what is wrong anew', async (_, bytes) => {
    await left(bytes);
    handler = serving(content);
    await download({ url: url(), to });
    expect((await readFile(to)).equals(content)).toBe(true);
  });

  test('asks for everything where it does not know what the bytes belong to', async () => {
    await writeFile(`${to}.partial`, content.subarray(0, 1000));
    handler = serving(content);
    await download({ url: url(), to });
    expect(ranges).toEqual(['bytes=0-']);
    expect((await readFile(to)).equals(content)).toBe(true);
  });

  test('may be empty', async () => {
    handler = serving(Buffer.alloc(0));
    expect(await download({ url: url(), to })).toMatchObject({ bytes: 0 });
    expect(await readdir(folder)).toEqual(['model.safetensors']);
    expect(ranges).toEqual(['bytes=0-', undefined]);
  });

  test('with wrong bytes is refused and keeps nothing', async () => {
    handler = (_, response) => response.writeHead(200, { etag }).end(Buffer.alloc(100));
    await expect(download({ url: url(), to })).rejects.toMatchObject({ code: 'OST_ARTIFACT_DIGEST' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('of another size than expected or allowed is refused before its first byte', async () => {
    handler = serving(content);
    await expect(download({ url: url(), to, expected: { bytes: 5 } })).rejects.toMatchObject({
      code: 'OST_ARTIFACT_LENGTH',
    });
    await expect(download({ url: url(), to, maxBytes: 5 })).rejects.toMatchObject({ code: 'OST_ARTIFACT_TOO_LARGE' });
    handler = (_, response) => response.writeHead(200).end(content);
    await expect(download({ url: url(), to, maxBytes: 5 })).rejects.toMatchObject({ code: 'OST_ARTIFACT_TOO_LARGE' });
  });

  test('that is refused tells the code of the answer, and not the signature in the address', async () => {
    handler = (_, response) =>
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"code":"OST_HTTP_SIGNATURE","message":"no"}');
    const error = await caught(download({ url: url(), to }));
    expect(error).toMatchObject({
      code: 'OST_TRANSFER_REFUSED',
      retryable: false,
      params: { status: 403, code: 'OST_HTTP_SIGNATURE' },
    });
    expect(String(error)).not.toContain('secret');
    handler = (_, response) => response.writeHead(503).end('x'.repeat(100_000));
    await expect(download({ url: url(), to })).rejects.toMatchObject({
      code: 'OST_TRANSFER_UNAVAILABLE',
      retryable: true,
    });
  });

  test('does not follow redirects and takes no compressed file', async () => {
    handler = (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    await expect(download({ url: url(), to })).rejects.toMatchObject({ params: { status: 302 } });
    handler = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(content);
    await expect(download({ url: url(), to })).rejects.toMatchObject({ code: 'OST_TRANSFER_ENCODED' });
  });

  test('stops at its deadline and keeps what has arrived', async () => {
    handler = (_, response) =>
      response
        .writeHead(206, {
          etag,
          'content-length': content.length,
          'content-range': `bytes 0-${content.length - 1}/${content.length}`,
        })
        .write(content.subarray(0, 2 * chunkBytes + 1000));
    const stop = new AbortController();
    const onProgress = (bytes: number) => bytes > 2 * chunkBytes && stop.abort();
    const work = download({ url: url(), to, chunkBytes, signal: stop.signal, onProgress });
    await expect(work).rejects.toMatchObject({ code: 'OST_TRANSFER_DEADLINE' });
    handler = serving(content);
    expect(await download({ url: url(), to })).toMatchObject({ resumedFrom: 2 * chunkBytes });
    expect((await readFile(to)).equals(content)).toBe(true);
  });
});
