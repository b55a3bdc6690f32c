import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { convertTorchFile } from '../../../adapters/artifacts/torch/convert.ts';
import { writeTorchFile } from '../../../adapters/artifacts/torch/write.ts';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { blocks } from '../../../domain/units.ts';
import { groupTensors, type Person, people, ServerFixture, submissionStart } from './fixture.ts';
import { base64url, blockBytes, getCheckpoint, hex, submitCheckpoint } from './original-client.ts';

const { miner, other, validator } = people;
let fixture: ServerFixture;
beforeEach(async () => {
  fixture = await ServerFixture.create();
});
afterEach(() => fixture.end());

type Text = (signature: Uint8Array) => string;

const downloadForm = (by: Person, text: Text, group: string): Record<string, string> => ({
  target_hotkey_ss58: validator.hotkey,
  origin_hotkey_ss58: by.hotkey,
  origin_block: String(fixture.head),
  signature: text(by.sign(blockBytes(validator.publicKey, fixture.head))),
  expert_group_id: group,
});

function uploadForm(by: Person, text: Text, modelHex: string): Record<string, string> {
  const block = blockBytes(validator.publicKey, fixture.head);
  return {
    origin_block: String(fixture.head),
    target_hotkey_ss58: validator.hotkey,
    origin_hotkey_ss58: by.hotkey,
    model_hex: modelHex,
    block_hex: block.toString('hex'),
    signature: text(by.sign(Buffer.concat([Buffer.from(modelHex, 'hex'), block]))),
  };
}

/** An honest miner's file as torch saves it. */
async function torchFile(by: Person) {
  const { path, hash } = await fixture.commit(by, groupTensors(0, 5));
  const pt = join(fixture.folder, 'model_expgroup_0.pt');
  await writeTorchFile(path, pt);
  return { hash, bytes: await readFile(pt) };
}

const json = (body: Buffer) => JSON.parse(body.toString());
const name = 'model_expgroup_0.pt';

test('the block message is that of the golden vector', () => {
  const alice = Buffer.from('d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d', 'hex');
  expect(Buffer.from(validator.publicKey).equals(alice)).toBe(true);
  expect(blockBytes(alice, 2_150_493).toString('hex')).toBe(`${alice.toString('hex')}000000000020d05d`);
});

describe.each([
  ['Connito', base64url],
  ['Mycelia', hex],
] as const)('a client of %s', (_, text) => {
  test('downloads its group by a GET with a form, as a file that torch loads', async () => {
    await fixture.start();
    const answer = await getCheckpoint(fixture.url, downloadForm(miner, text, '0'));
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': expect.stringContaining('no-store'),
      'x-accel-buffering': 'no',
      'content-disposition': 'attachment; filename="step658"',
      'last-modified': expect.stringMatching(/GMT$/),
      'accept-ranges': 'bytes',
    });
    const pt = join(fixture.folder, 'got.pt');
    await writeFile(pt, answer.body);
    await convertTorchFile(pt, `${pt}.safetensors`);
    expect((await hashTensors(`${pt}.safetensors`)).hash).toBe(fixture.manifest.parts[1]?.hash);
    const shared = await getCheckpoint(fixture.url, downloadForm(miner, text, 'shared'));
    expect([shared.status, shared.headers['x-part-hash']]).toEqual([200, fixture.manifest.parts[0]?.hash]);
  });

  test('goes on with a download by a range', async () => {
    await fixture.start();
    const whole = await getCheckpoint(fixture.url, downloadForm(miner, text, '0'));
    const rest = await getCheckpoint(fixture.url, downloadForm(miner, text, '0'), { Range: 'bytes=1000-' });
    expect(rest.status).toBe(206);
    expect(Buffer.concat([whole.body.subarray(0, 1000), rest.body]).equals(whole.body)).toBe(true);
  });

  test('submits a file of torch.save, which is kept as safetensors with the same tensor hash', async () => {
    await fixture.start();
    const { hash, bytes } = await torchFile(miner);
    const answer = await submitCheckpoint(fixture.url, uploadForm(miner, text, hash), { name, bytes });
    expect(answer.status).toBe(200);
    const said = json(answer.body);
    expect(said).toMatchObject({
      status: 'ok',
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(await fixture.leftovers()).toEqual([said.stored_path]);
    expect(fixture.accepted).toMatchObject([{ modelHash: hash, digest: said.stored_path }]);
    expect((await hashTensors(fixture.store.path(said.stored_path))).hash).toBe(hash);
  });
});

test("what an originals' client is refused with has the status that it knows, and the reason where it looks", async () => {
  await fixture.start();
  const { hash, bytes } = await torchFile(miner);
  const elsewhere = { ...uploadForm(miner, base64url, hash), target_hotkey_ss58: other.hotkey };
  const refused = await submitCheckpoint(fixture.url, elsewhere, { name, bytes });
  expect([refused.status, json(refused.body).detail]).toEqual([403, expect.stringContaining(other.hotkey)]);
  const hostile = Buffer.from('PK\u0003\u0004 and nothing of what follows a beginning like this one', 'latin1');
  const broken = await submitCheckpoint(fixture.url, uploadForm(miner, base64url, hash), { name, bytes: hostile });
  expect([broken.status, json(broken.body).code]).toEqual([400, 'OST_TORCH_ARCHIVE']);
  expect(await fixture.leftovers()).toEqual([]);

  const form = downloadForm(miner, base64url, '0');
  expect((await getCheckpoint(fixture.url, { ...form, expert_group_id: '7' })).status).toBe(404);
  const { expert_group_id: _, ...whole } = form;
  expect((await getCheckpoint(fixture.url, whole)).status).toBe(404);
  expect((await getCheckpoint(fixture.url, { ...form, target_hotkey_ss58: other.hotkey })).status).toBe(403);
  expect((await getCheckpoint(fixture.url, { ...form, signature: 'A'.repeat(86) })).status).toBe(403);
  expect((await getCheckpoint(fixture.url, form, { 'Content-Type': 'text/plain' })).status).toBe(400);
  fixture.published = null;
  expect((await getCheckpoint(fixture.url, form)).status).toBe(503);
});

test('a stale or a future block is refused, and a freshly signed retry in the same block is no replay', async () => {
  await fixture.start();
  const old = downloadForm(miner, base64url, '0');
  fixture.head = blocks(submissionStart + 11);
  expect(json((await getCheckpoint(fixture.url, old)).body).code).toBe('OST_HTTP_STALE_BLOCK');
  fixture.head = blocks(submissionStart - 2);
  expect(json((await getCheckpoint(fixture.url, old)).body).code).toBe('OST_HTTP_STALE_BLOCK');
  fixture.head = blocks(submissionStart);
  expect((await getCheckpoint(fixture.url, old)).status).toBe(200);
  expect(json((await getCheckpoint(fixture.url, old)).body).code).toBe('OST_HTTP_REPLAYED');
  expect((await getCheckpoint(fixture.url, downloadForm(miner, base64url, '0'))).status).toBe(200);
});

test('a signature that was used stays used over a restart of the server', async () => {
  const file = join(fixture.folder, 'ledger.sqlite');
  const { hash } = await torchFile(miner);
  const form = uploadForm(miner, base64url, hash);
  const download = downloadForm(miner, base64url, '0');
  const statuses: (readonly [number, number])[] = [];
  for (const _ of ['before', 'after']) {
    const ledger = await openLedger({ file });
    await fixture.start({ requests: ledger.requests });
    const sent = await submitCheckpoint(fixture.url, form, { name: 'noise.pt', bytes: Buffer.from('noise') });
    statuses.push([sent.status, (await getCheckpoint(fixture.url, download)).status]);
    await fixture.app?.close();
    await ledger.close();
  }
  // The noise was read and refused the first time; the second time nothing was read.
  expect(statuses).toEqual([
    [400, 200],
    [409, 409],
  ]);
});

test('the small routes answer, and are open', async () => {
  await fixture.start({ token: 'secret' });
  const get = async (path: string) => (await request(`${fixture.url}${path}`)).statusCode;
  expect(await Promise.all(['/', '/ping', '/status'].map(get))).toEqual([200, 200, 401]);
});
