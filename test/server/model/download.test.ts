import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'undici';
import { ChunkFile } from '../../../adapters/artifacts/chunks/chunk-file.ts';
import { listChunks } from '../../../adapters/artifacts/chunks/list.ts';
import { keepNewest } from '../../../adapters/artifacts/retention.ts';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { chunkListType } from '../../../adapters/artifacts/transfer/chunk-list.ts';
import { download } from '../../../adapters/artifacts/transfer/download.ts';
import { readChunkManifest } from '../../../domain/chunk-manifest.ts';
import { encodeSignature } from '../../../domain/signed-message.ts';
import { blocks } from '../../../domain/units.ts';
import { people, ServerFixture, submissionStart } from './fixture.ts';

let fixture: ServerFixture;
let content: Buffer;
let etag: string;
beforeAll(async () => {
  fixture = await ServerFixture.create();
  await fixture.start({ limits: { concurrentDownloads: 3 } });
  const ref = fixture.manifest.parts[1]?.ref;
  if (ref === undefined) throw new Error('no group 0');
  content = await readFile(fixture.store.path(ref.digest));
  etag = `"${ref.digest}"`;
});
afterAll(() => fixture.end());
beforeEach(() => {
  fixture.used.clear();
  fixture.head = blocks(submissionStart);
});

type Headers = Readonly<Record<string, string>>;
async function get(path: string, headers: Headers = {}, method: 'GET' | 'HEAD' = 'GET') {
  const answer = await request(`${fixture.url}${path}`, { method, headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, headers: answer.headers, body };
}
const codeOf = ({ body }: { readonly body: Buffer }) => JSON.parse(body.toString()).code;
const partial = (changes = {}, by = people.miner) => `/model/partial?group=0&${fixture.query(by, changes)}`;

/** How many descriptors of this process point into the store. */
async function openFiles(): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(fixture.store.folder)).length;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

describe('tidying up', () => {
  test('leaves a file alone that is being fetched, also between two of its ranges', async () => {
    const rest = `bytes=100-${content.length - 1}`;
    const path = partial();
    expect((await get(path, { range: 'bytes=0-99' })).status).toBe(206);
    const { digest } = fixture.manifest.parts[1]?.ref ?? { digest: '' };
    // As the validator does it, which is another process with the store open.
    const validator = await openStore(fixture.store.folder);
    const others = (await validator.list()).filter((each) => each.digest !== digest);
    await keepNewest(validator, 0, new Set(others.map((each) => each.digest)));
    const answer = await get(path, { range: rest });
    expect(answer.status).toBe(206);
    expect(answer.body.equals(content.subarray(100))).toBe(true);
  });
});

describe('a download', () => {
  test.each(['/model/partial', '/model/get-checkpoint'])('%s gives the group with what it is', async (path) => {
    const answer = await get(`${path}?group=0&${fixture.query(people.miner)}`);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(content)).toBe(true);
    expect(answer.headers).toMatchObject({
      etag,
      'accept-ranges': 'bytes',
      'content-length': String(content.length),
      'content-type': 'application/vnd.safetensors',
      'x-model-version': '658',
      'x-model-hash': fixture.manifest.hash,
      'x-part-hash': fixture.manifest.parts[1]?.hash,
      'content-disposition': 'attachment; filename="step658_expgroup_0.safetensors"',
    });
    expect(answer.headers['content-encoding']).toBeUndefined();
  });

  test('may name its group by the older field, and may be of the shared part', async () => {
    const query = fixture.query(people.miner);
    const answer = await get(`/model/get-checkpoint?expert_group_id=shared&${query}`);
    expect(answer.headers['etag']).toBe(`"${fixture.manifest.parts[0]?.ref.digest}"`);
  });

  test('of the full model is for hotkeys with a permit', async () => {
    const answer = await get(`/model/full?${fixture.query(people.peer)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-part-hash']).toBe(fixture.manifest.hash);
    const refused = await get(`/model/full?${fixture.query(people.miner)}`);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'OST_HTTP_NO_PERMIT']);
  });

  test('works in every phase', async () => {
    for (const block of [700, 710, 729, 733, 736, 744, 754, 762, 766, 769]) {
      fixture.head = blocks(block);
      expect((await get(partial(), { range: 'bytes=0-0' })).status).toBe(206);
    }
  });

  test('is logged in the words of the originals', async () => {
    await get(partial());
    await until(() => fixture.lines.some(({ event }) => event === 'model_served'));
    expect(fixture.messages()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^GET \/model\/partial \| hotkey: 5FHne\.\.\. \| group: 0 \| [\d.]+k?B served in \d+\.\ds$/,
        ),
        'Loading base model: models/reference',
        'Model loaded. Expert mapping built: 2 groups, 4 experts/layer',
        expect.stringMatching(/^Server ready on port \d+$/),
      ]),
    );
  });
});

describe('ranges', () => {
  test('give the very slice of the file, whatever is asked', async () => {
    const size = content.length;
    const range = fc.oneof(
      fc.tuple(fc.nat(size - 1), fc.nat(size)).map(([begin, length]) => ({
        text: `${begin}-${begin + length}`,
        begin,
        end: Math.min(size, begin + length + 1),
      })),
      fc.nat(size - 1).map((begin) => ({ text: `${begin}-`, begin, end: size })),
      fc
        .integer({ min: 1, max: size * 2 })
        .map((length) => ({ text: `-${length}`, begin: Math.max(0, size - length), end: size })),
    );
    const path = partial();
    await fc.assert(
      fc.asyncProperty(range, async ({ text, begin, end }) => {
        const answer = await get(path, { range: `bytes=${text}` });
        expect(answer.status).toBe(206);
        expect(answer.headers['content-range']).toBe(`bytes ${begin}-${end - 1}/${size}`);
        expect(answer.body.equals(content.subarray(begin, end))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('outside the file are refused with its size', async () => {
    const answer = await get(partial(), { range: `bytes=${content.length}-` });
    expect([answer.status, codeOf(answer)]).toEqual([416, 'OST_HTTP_RANGE']);
    expect(answer.headers['content-range']).toBe(`bytes */${content.length}`);
    expect(answer.headers['etag']).toBeUndefined();
  });

  test('of several pieces are answered with the whole file', async () => {
    const answer = await get(partial(), { range: 'bytes=0-1,5-6' });
    expect(answer.status).toBe(200);
    expect(answer.body.equals(content)).toBe(true);
  });

  test('hold only for the file that If-Range names', async () => {
    expect((await get(partial(), { range: 'bytes=5-', 'if-range': etag })).status).toBe(206);
    const changed = await get(partial(), { range: 'bytes=5-', 'if-range': '"other"' });
    expect([changed.status, changed.body.length]).toEqual([200, content.length]);
  });

  test('and conditions are answered for HEAD too, without bytes', async () => {
    const head = await get(partial(), {}, 'HEAD');
    const whole = await get(partial());
    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const name of ['etag', 'content-length', 'content-type', 'x-part-hash', 'accept-ranges']) {
      expect(head.headers[name]).toBe(whole.headers[name]);
    }
    const part = await get(partial(), { range: 'bytes=1-4' }, 'HEAD');
    expect([part.status, part.headers['content-length']]).toEqual([206, '4']);
    const known = await get(partial(), { 'if-none-match': etag });
    expect([known.status, known.body.length]).toEqual([304, 0]);
    const changed = await get(partial(), { 'if-match': '"other"' });
    expect([changed.status, codeOf(changed)]).toEqual([412, 'OST_HTTP_CHANGED']);
  });
});

describe('a signed download', () => {
  const refused: readonly (readonly [string, () => string, number, string])[] = [
    ['for another server', () => partial({ target_hotkey_ss58: people.peer.hotkey }), 403, 'OST_HTTP_OTHER_TARGET'],
    ['of an old block', () => partial({ origin_block: String(submissionStart - 11) }), 400, 'OST_HTTP_STALE_BLOCK'],
    ['of a future block', () => partial({ origin_block: String(submissionStart + 2) }), 400, 'OST_HTTP_STALE_BLOCK'],
    ['by another hotkey', () => partial({ origin_hotkey_ss58: people.other.hotkey }), 403, 'OST_HTTP_SIGNATURE'],
    ['of noise', () => partial({ signature: encodeSignature(new Uint8Array(64).fill(7)) }), 403, 'OST_HTTP_SIGNATURE'],
    [
      'of a hotkey with a wrong checksum',
      () => partial({ origin_hotkey_ss58: `${people.miner.hotkey.slice(0, -1)}1` }),
      403,
      'OST_HTTP_SIGNATURE',
    ],
    ['by a stranger', () => partial({}, people.stranger), 403, 'OST_HTTP_NOT_REGISTERED'],
    ['without its block', () => partial().replace('origin_block', 'x'), 400, 'OST_HTTP_FIELD'],
    ['with a block twice', () => `${partial()}&origin_block=1`, 400, 'OST_HTTP_FIELD'],
    ['with a broken block', () => partial({ origin_block: '7e2', signature: 'A'.repeat(86) }), 400, 'OST_HTTP_FIELD'],
    ['without a signature', () => partial({ signature: '' }), 400, 'OST_HTTP_FIELD'],
    ['without a group', () => partial().replace('group=0', 'x=0'), 400, 'OST_HTTP_FIELD'],
    ['of a group that is no number', () => partial().replace('group=0', 'group=../0'), 400, 'OST_HTTP_FIELD'],
    ['of a group that does not exist', () => partial().replace('group=0', 'group=7'), 404, 'OST_HTTP_UNKNOWN_GROUP'],
    ['of a path that does not exist', () => '/model/other', 404, 'OST_HTTP_NOT_FOUND'],
  ];
  test.each(refused)('%s is refused', async (_, path, status, code) => {
    const answer = await get(path());
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    const body = JSON.parse(answer.body.toString());
    for (const key of ['error', 'code', 'message', 'todo']) expect(typeof body[key]).toBe('string');
  });

  test('one block ahead of the server is as good as the current one', async () => {
    expect((await get(partial({ origin_block: String(submissionStart + 1) }))).status).toBe(200);
    expect((await get(partial({ origin_block: String(submissionStart - 10) }))).status).toBe(200);
  });

  test('counts once, and again only for ranges of files', async () => {
    const path = partial();
    expect((await get(path)).status).toBe(200);
    const again = await get(path);
    expect([again.status, codeOf(again)]).toEqual([409, 'OST_HTTP_REPLAYED']);
    expect(again.headers['content-length']).toBe(String(again.body.length));
    expect((await get(path, { range: 'bytes=100-' })).status).toBe(206);
    fixture.head = blocks(submissionStart + 11);
    expect(codeOf(await get(path, { range: 'bytes=100-' }))).toBe('OST_HTTP_STALE_BLOCK');
  });

  test('is refused while no model is published, and the server says so', async () => {
    const { published } = fixture;
    fixture.published = null;
    const answer = await get(partial());
    expect([answer.status, codeOf(answer)]).toEqual([503, 'OST_HTTP_NO_MODEL']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(JSON.parse((await get('/health')).body.toString())).toMatchObject({ status: 'no_model' });
    fixture.published = published;
  });
});

describe('descriptors and places', () => {
  test('are given back when clients go away, and are limited meanwhile', async () => {
    const before = await openFiles();
    const big = await fixture.store.put(Buffer.alloc(48 * 1024 * 1024), 'application/octet-stream');
    const { published, manifest } = fixture;
    fixture.published = { manifest: { ...manifest, full: big }, manifestDigest: 'e'.repeat(64) };
    const path = () => `/model/full?${fixture.query(people.peer)}`;
    const answers = await Promise.all([0, 1, 2].map(() => request(`${fixture.url}${path()}`)));
    expect(await openFiles()).toBe(before + 3);
    const fourth = await get(path());
    expect([fourth.status, codeOf(fourth), fourth.headers['retry-after']]).toEqual([503, 'OST_HTTP_BUSY', '2']);
    for (const { body } of answers) body.on('error', () => undefined).destroy();
    await until(async () => (await openFiles()) === before);
    await until(() => fixture.lines.filter(({ event }) => event === 'model_broken_off').length === 3);
    expect((await get(path(), { range: 'bytes=0-9' })).status).toBe(206);
    fixture.published = published;
    await fixture.store.remove(big.digest);
  });
});

test('our own client downloads by ranges and the list of chunks, resumes and verifies', async () => {
  const to = join(fixture.folder, 'mine.safetensors');
  const url = `${fixture.url}${partial()}`;
  const of = { bytes: content.length, chunkBytes: 10_000, tag: etag };
  {
    await using begun = await ChunkFile.open(to, of);
    await begun.write(0, content.subarray(0, 10_000));
  }
  const { digest, headers, resumedFrom } = await download({ url, to });
  expect(resumedFrom).toBe(10_000);
  expect(`"${digest}"`).toBe(etag);
  expect(headers['x-model-version']).toBe('658');
  expect((await readFile(to)).equals(content)).toBe(true);

  const again = await download({ url, to, chunkList: `${url}&chunks=1`, ranges: 4 });
  expect(`"${again.digest}"`).toBe(etag);
  expect(again.headers).toMatchObject({ 'x-model-version': '658', 'x-part-hash': fixture.manifest.parts[1]?.hash });
});

test('the list of chunks is what the file is made of, and is kept beside it', async () => {
  const answer = await get(`${partial()}&chunks=1`, { range: 'bytes=0-0' });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toContain(chunkListType);
  const list = readChunkManifest(JSON.parse(answer.body.toString()));
  expect(list).toEqual(await listChunks(fixture.store.path(etag.slice(1, -1))));
  expect(await readdir(fixture.store.folder)).toContain(`${etag.slice(1, -1)}.chunks.json`);
  expect((await fixture.store.list()).every(({ digest }) => digest.length === 64)).toBe(true);
});

test('with a prefix the bytes are left to the proxy, and every check stays here', async () => {
  const other = await ServerFixture.create();
  try {
    await other.start({ accelRedirectPrefix: '/artifacts/' });
    const path = `${other.url}/model/partial?group=0&`;
    const answer = await request(`${path}${other.query(people.miner)}`, { headers: { range: 'bytes=5-9' } });
    const digest = other.manifest.parts[1]?.ref.digest;
    expect(await answer.body.text()).toBe('');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-accel-redirect': `/artifacts/${digest}`, etag: `"${digest}"` });
    const refused = await request(`${path}${other.query(people.stranger)}`);
    expect([refused.statusCode, refused.headers['x-accel-redirect']]).toEqual([403, undefined]);
    await refused.body.dump();
  } finally {
    await other.end();
  }
});
