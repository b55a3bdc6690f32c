import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ByteRange } from '../../../adapters/artifacts/store.ts';
import { sendFile } from '../../../server/http/send-file.ts';

/** Reads of either kind, and one that is not full. */
const content = randomBytes(5 * 1024 * 1024 + 77);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-send-'));
  path = join(folder, 'file');
  await writeFile(path, content);
});

afterEach(() => rm(folder, { recursive: true }));

/** A server that answers once with a part of the file, and how that went. */
async function serving(part: ByteRange) {
  const ended = Promise.withResolvers<'sent' | 'torn'>();
  const send = async (response: ServerResponse): Promise<void> => {
    await using handle = await open(path, 'r');
    response.setHeader('content-length', part.end - part.begin);
    await sendFile(handle, part, response);
  };
  const server = createServer((_request, response) => {
    send(response).then(
      () => ended.resolve('sent'),
      () => ended.resolve('torn'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, resolve).on('error', reject);
  });
  return {
    answer: await answer,
    ended: ended.promise,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await ended.promise;
    },
  };
}

describe('sending a file', () => {
  test.each([
    ['the whole', { begin: 0, end: content.length }],
    ['a part across several reads', { begin: 1_000_001, end: content.length - 3 }],
    ['one byte', { begin: 4_000_000, end: 4_000_001 }],
    ['nothing', { begin: 7, end: 7 }],
  ])('brings %s, to the byte', async (_name, part) => {
    await using served = await serving(part);
    expect((await buffer(served.answer)).equals(content.subarray(part.begin, part.end))).toBe(true);
    expect(await served.ended).toBe('sent');
  });

  test('tears the answer where the file is shorter than it was said to be', async () => {
    await truncate(path, 2_000_000);
    await using served = await serving({ begin: 0, end: content.length });
    await expect(buffer(served.answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await served.ended).toBe('torn');
  });

  test('ends when its client goes away in the middle', async () => {
    // More than the sockets between them hold.
    await truncate(path, 64 * 1024 * 1024);
    await using served = await serving({ begin: 0, end: 64 * 1024 * 1024 });
    await once(served.answer, 'data');
    served.answer.destroy();
    expect(await served.ended).toBe('torn');
  });
});
