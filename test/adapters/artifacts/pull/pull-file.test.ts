import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type PullRules, pullFile } from '../../../../adapters/artifacts/pull/pull-file.ts';
import type { PulledLocation } from '../../../../domain/artifact-location.ts';
import { RangeServer } from '../transfer/range-server.ts';

const content = randomBytes(200_000);
const commit = '0123456789abcdef0123456789abcdef01234567';
let folder: string;
let to: string;
let server: RangeServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-pull-'));
  to = join(folder, 'pulled');
  server = new RangeServer(content);
  await server.start();
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const origin = () => new URL(server.url).origin;
const rules = (changes: Partial<PullRules> = {}): PullRules => ({
  hub: { url: origin(), token: null },
  allowPrivate: true,
  maxBytes: 1_000_000,
  ranges: 2,
  slowestBytesPerSecond: 0,
  ...changes,
});
const pull = (location: PulledLocation, changes: Partial<PullRules> = {}, signal = new AbortController().signal) =>
  pullFile({ location, group: 3, to, signal }, rules(changes));
const http = (path = '/file'): PulledLocation => ({ kind: 'http', url: `${origin()}${path}` });
const answer =
  (status: number, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, headers).end('no');
    return true;
  };

describe('a file that a miner serves', () => {
  test('is fetched, and its source told', async () => {
    const pulled = await pull(http());
    expect(pulled).toMatchObject({ kind: 'file', source: server.url, file: { digest: server.digest } });
    expect((await readFile(to)).equals(content)).toBe(true);
  });

  test('may lie in a folder under either of its names', async () => {
    server.instead = (request, response) =>
      request.url?.endsWith('.safetensors') === true ? answer(404)(request, response) : false;
    expect(await pull(http('/mine/'))).toMatchObject({ kind: 'file', source: `${origin()}/mine/model_expgroup_3.pt` });
  });

  test.each([401, 403, 404, 410])('that it refuses with %s is not there', async (status) => {
    server.instead = answer(status);
    expect(await pull(http())).toMatchObject({ kind: 'not_there' });
  });

  test.each([400, 429, 500, 502, 503])('that it fails with %s may come later', async (status) => {
    server.instead = answer(status);
    expect(await pull(http())).toMatchObject({ kind: 'later' });
  });

  test('whose server is away, or breaks off, may come later', async () => {
    server.instead = (_, response) => response.socket?.destroy() !== undefined;
    expect(await pull(http())).toMatchObject({ kind: 'later' });
    const gone: PulledLocation = { kind: 'http', url: 'http://127.0.0.1:9/file' };
    expect(await pull(gone)).toMatchObject({ kind: 'later' });
  });

  test('that is too large is refused before its first byte', async () => {
    expect(await pull(http(), { maxBytes: 1000 })).toMatchObject({ kind: 'fault', reason: 'too_large' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('is not fetched from here, nor over a redirect to here, unless the operator allows it', async () => {
    expect(await pull(http(), { allowPrivate: false })).toMatchObject({ kind: 'fault', reason: 'bad_address' });
    const named: PulledLocation = {
      kind: 'http',
      url: http().kind === 'http' ? server.url.replace('127.0.0.1', 'localhost') : '',
    };
    expect(await pull(named, { allowPrivate: false })).toMatchObject({ kind: 'fault', reason: 'bad_address' });
    expect(server.asked).toEqual([]);
    // The hub is the operator's own choice; where it points to is not.
    server.instead = answer(302, { location: 'http://169.254.169.254/latest/meta-data/', 'x-repo-commit': commit });
    const repo: PulledLocation = { kind: 'hugging_face', repo: 'miner/co', revision: '0123456' };
    expect(await pull(repo, { allowPrivate: false })).toMatchObject({
      kind: 'fault',
      reason: 'bad_address',
      detail: expect.stringContaining('169.254.169.254'),
    });
  });

  test('that is always somewhere else is not looked for for ever', async () => {
    let asked = 0;
    server.instead = (request, response) => {
      asked += 1;
      return answer(302, { location: `/again${asked}` })(request, response);
    };
    expect(await pull(http())).toMatchObject({ kind: 'fault', reason: 'bad_address' });
    expect(asked).toBe(4);
  });

  test('stops when it is told to, and goes on from there', async () => {
    const stop = new AbortController();
    server.spoil = (bytes) => {
      setTimeout(() => stop.abort(new Error('the phase is over')), 50);
      return bytes;
    };
    server.delayMs = 10_000;
    await expect(pull(http(), {}, stop.signal)).rejects.toMatchObject({ code: 'OST_TRANSFER_DEADLINE' });
  });
});

describe('a repository on a hub', () => {
  const repo: PulledLocation = { kind: 'hugging_face', repo: 'miner/co', revision: '0123456' };
  let seen: (readonly [string, string | undefined])[];

  /** The hub's routes: a redirect to the storage, which gets no token; the commit's full id and the file's digest. */
  const hub = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url = '', headers } = request;
    seen.push([url, headers.authorization]);
    if (url.startsWith('/storage/')) return false;
    const known =
      url === `/miner/co/resolve/0123456/model_expgroup_3.pt` || url.startsWith(`/miner/co/resolve/${commit}/`);
    if (!known) return answer(404)(request, response);
    response
      .writeHead(302, { location: '/storage/blob', 'x-repo-commit': commit, 'x-linked-etag': `"${server.digest}"` })
      .end();
    return true;
  };
  beforeEach(() => {
    seen = [];
    server.instead = hub;
  });

  test('is fetched at the commit that its short revision means, which is recorded', async () => {
    const pulled = await pull(repo, { hub: { url: origin(), token: 'hf_secret' } });
    expect(pulled).toMatchObject({
      kind: 'file',
      source: `hf:miner/co@${commit}/model_expgroup_3.pt`,
      file: { digest: server.digest },
    });
    const asked = seen.map(([url]) => url);
    expect(asked.slice(0, 3)).toEqual([
      '/miner/co/resolve/0123456/model_expgroup_3.safetensors',
      '/miner/co/resolve/0123456/model_expgroup_3.pt',
      `/miner/co/resolve/${commit}/model_expgroup_3.pt`,
    ]);
    expect(seen.filter(([url]) => url.startsWith('/miner/')).every(([, token]) => token === 'Bearer hf_secret')).toBe(
      true,
    );
  });

  test('gives its token to nobody else', async () => {
    const other = new RangeServer(content);
    await other.start();
    const tokens: (string | undefined)[] = [];
    other.instead = (request) => {
      tokens.push(request.headers.authorization);
      return false;
    };
    server.instead = answer(302, { location: other.url, 'x-repo-commit': commit });
    expect(await pull(repo, { hub: { url: origin(), token: 'hf_secret' } })).toMatchObject({ kind: 'file' });
    expect(tokens.length).toBeGreaterThan(0);
    expect(tokens.every((token) => token === undefined)).toBe(true);
    await other.stop();
  });

  test("that is private, or has no such file, is the miner's business", async () => {
    server.instead = answer(401);
    expect(await pull(repo)).toMatchObject({ kind: 'not_there' });
    server.instead = answer(404);
    expect(await pull(repo)).toMatchObject({ kind: 'not_there' });
  });

  test("whose storage sends other bytes than the hub says is none of the miner's", async () => {
    server.spoil = (bytes) => Buffer.alloc(bytes.length);
    expect(await pull(repo)).toMatchObject({ kind: 'later', detail: expect.stringContaining('SHA-256') });
  });
});
