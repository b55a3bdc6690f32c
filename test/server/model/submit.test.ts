import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FormData, fetch } from 'undici';
import { upload } from '../../../adapters/artifacts/transfer/upload.ts';
import { commitMessage, encodeSignature } from '../../../domain/signed-message.ts';
import { blocks, bytes, uid } from '../../../domain/units.ts';
import { cycle, groupTensors, people, ServerFixture, submissionEnd, submissionStart } from './fixture.ts';
import { name, rawForm } from './raw-form.ts';

let fixture: ServerFixture;
beforeEach(async () => {
  fixture = await ServerFixture.create();
});
afterEach(async () => {
  await fixture.end();
});

const { miner, other, stranger, validator } = people;
const sixty = 'A'.repeat(86);
/** Some submission of an earlier minute. */
const accepted = {
  cycle,
  hotkey: people.other.hotkey,
  group: 0,
  modelHash: 'a'.repeat(48),
  digest: 'd'.repeat(64),
  bytes: bytes(5),
  block: blocks(submissionStart),
  receivedAtBlock: blocks(submissionStart),
};
type Order = Partial<Parameters<typeof upload>[0]>;

/** Sends a file that is right in every way, but for the changes. */
async function send(
  changes: { fields?: Record<string, string>; by?: typeof miner; path?: string; name?: string } & Order = {},
) {
  const by = changes.by ?? miner;
  const honest = await fixture.commit(by, groupTensors(0, 5));
  const file = { path: changes.path ?? honest.path, name: changes.name ?? name };
  const fields = { ...fixture.fields(by, honest.hash), ...changes.fields };
  return { ...honest, result: await upload({ url: changes.url ?? `${fixture.url}/submit`, fields, file }) };
}

describe('a submission', () => {
  test.each(['/submit', '/submit-checkpoint'])('to %s is accepted, stored, entered and announced', async (path) => {
    await fixture.start();
    const { digest, hash, path: file, result } = await send({ url: `${fixture.url}${path}` });
    const size = (await readFile(file)).length;
    expect(result).toEqual({ kind: 'accepted', digest, bytes: size });
    const record = {
      cycle,
      hotkey: miner.hotkey,
      group: 0,
      modelHash: hash,
      digest,
      bytes: size,
      block: submissionStart,
      receivedAtBlock: submissionStart,
    };
    expect(fixture.accepted).toEqual([record]);
    expect(fixture.woken).toEqual([record]);
    expect(await fixture.leftovers()).toEqual([digest]);
    expect((await readFile(fixture.store.path(digest))).equals(await readFile(file))).toBe(true);
    expect(fixture.messages()).toContain(
      `POST ${path} | hotkey: 5FHne... | group: 0 | block: ${submissionStart} | checkpoint accepted`,
    );
  });

  test('is answered with what the originals answered', async () => {
    await fixture.start();
    const { path, hash, digest } = await fixture.commit(miner, groupTensors(0, 5));
    const form = new FormData();
    for (const [key, value] of Object.entries(fixture.fields(miner, hash))) form.append(key, value);
    form.append('file', new Blob([await readFile(path)]), name);
    const answer = await fetch(`${fixture.url}/submit`, { method: 'POST', body: form });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: 'ok',
      stored_path: digest,
      digest,
      bytes: (await readFile(path)).length,
      sha256: digest,
    });
  });

  test('counts even where nobody could be told of it', async () => {
    await fixture.start({ onAccepted: () => Promise.reject(new Error('Temporal is away')) });
    expect((await send()).result.kind).toBe('accepted');
    expect(fixture.lines.some(({ event }) => event === 'submission_signal_failed')).toBe(true);
  });
});

describe('before its file is read, a submission is refused', () => {
  const outOfPhase = (block: number) => () => {
    fixture.head = blocks(block);
  };
  const cases: readonly (readonly [
    string,
    { arrange?: () => void; changes?: Parameters<typeof send>[0]; late?: () => void },
    number,
    string,
  ])[] = [
    ['before its phase', { arrange: outOfPhase(submissionStart - 1) }, 409, 'OST_SUBMISSION_PHASE'],
    ['after its phase', { arrange: outOfPhase(submissionEnd + 1) }, 409, 'OST_SUBMISSION_PHASE'],
    ['for another server', { changes: { fields: { target_hotkey_ss58: other.hotkey } } }, 403, 'OST_HTTP_OTHER_TARGET'],
    [
      'signed before the phase',
      { changes: { fields: { origin_block: String(submissionStart - 1) } } },
      400,
      'OST_SUBMISSION_BLOCK',
    ],
    [
      'signed for the future',
      { changes: { fields: { origin_block: String(submissionStart + 2) } } },
      400,
      'OST_HTTP_STALE_BLOCK',
    ],
    [
      'with a block of its own in block_hex',
      { changes: { fields: { block_hex: '0'.repeat(80) } } },
      400,
      'OST_HTTP_FIELD',
    ],
    ['with a signature that is not its own', { changes: { fields: { signature: sixty } } }, 403, 'OST_HTTP_SIGNATURE'],
    [
      'in the name of another that has committed nothing',
      { changes: { fields: { origin_hotkey_ss58: other.hotkey } } },
      400,
      'OST_SUBMISSION_NO_COMMIT',
    ],
    [
      'with a hash that was not committed',
      { changes: { fields: { model_hex: '0'.repeat(48) } } },
      400,
      'OST_SUBMISSION_HASH',
    ],
    ['with a hash in upper case', { changes: { fields: { model_hex: 'A'.repeat(48) } } }, 400, 'OST_HTTP_FIELD'],
    ['without a field', { changes: { fields: { signature: '' } } }, 400, 'OST_HTTP_FIELD'],
    ['by a stranger', { changes: { by: stranger } }, 403, 'OST_HTTP_NOT_REGISTERED'],
    ['with a path for a name', { changes: { name: '../../etc/passwd.safetensors' } }, 400, 'OST_SUBMISSION_FILE_NAME'],
    ['with a name that no checkpoint has', { changes: { name: 'model.exe' } }, 400, 'OST_SUBMISSION_FILE_TYPE'],
    [
      'with a field that is too long',
      { changes: { fields: { extra: 'x'.repeat(5000) } } },
      400,
      'OST_HTTP_UPLOAD_ORDER',
    ],
  ];
  test.each(cases)('%s', async (_, { arrange, changes }, status, code) => {
    await fixture.start();
    arrange?.();
    const { result } = await send(changes);
    expect(result).toMatchObject({ kind: 'refused', status, code });
    expect(await fixture.leftovers()).toEqual([]);
    expect(fixture.accepted).toEqual([]);
    expect(fixture.used.size).toBe(0);
  });

  test('in the order of the originals: each is told the first thing that is wrong', async () => {
    const assigned = new Map<string, typeof validator.hotkey>([[miner.hotkey, other.hotkey]]);
    await fixture.start({
      chain: { ...fixture.deps().chain, validatorOf: async (hotkey) => assigned.get(hotkey) ?? null },
    });
    const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
    fixture.accepted.push({ ...accepted, hotkey: miner.hotkey });
    fixture.commits.delete(miner.hotkey);
    fixture.head = blocks(submissionStart - 1);
    const wrong: Record<string, string> = {
      ...fixture.fields(miner, hash, submissionStart),
      target_hotkey_ss58: other.hotkey,
      origin_block: String(submissionStart - 2),
      model_hex: 'no hash',
      signature: sixty,
    };
    const file = { path, name: 'no name at all.exe' };
    const told = async () => {
      const answer = await upload({ url: `${fixture.url}/submit-checkpoint`, fields: wrong, file });
      return answer.kind === 'accepted' ? 'accepted' : `${answer.status} ${answer.code}`;
    };
    // What is put right one by one, and what is then told.
    const steps: readonly (readonly [string, () => unknown])[] = [
      ['403 OST_HTTP_OTHER_TARGET', () => Object.assign(wrong, { target_hotkey_ss58: validator.hotkey })],
      ['409 OST_SUBMISSION_PHASE', () => Object.assign(fixture, { head: blocks(submissionStart) })],
      ['400 OST_SUBMISSION_BLOCK', () => Object.assign(wrong, { origin_block: String(submissionStart) })],
      ['403 OST_SUBMISSION_NOT_ASSIGNED', () => assigned.set(miner.hotkey, validator.hotkey)],
      ['409 OST_SUBMISSION_DUPLICATE', () => fixture.accepted.pop()],
      ['400 OST_HTTP_FIELD', () => Object.assign(wrong, { model_hex: hash })],
      ['400 OST_SUBMISSION_NO_COMMIT', () => fixture.commit(miner, groupTensors(0, 5))],
      ['400 OST_SUBMISSION_FILE_NAME', () => Object.assign(file, { name: 'model.exe' })],
      ['400 OST_SUBMISSION_FILE_TYPE', () => Object.assign(file, { name: 'model.pt' })],
      ['403 OST_HTTP_SIGNATURE', () => Object.assign(wrong, fixture.fields(miner, hash))],
      ['accepted', () => undefined],
    ];
    for (const [expected, mend] of steps) {
      expect(await told()).toBe(expected);
      await mend();
    }
  });

  test('without a commit, with another hash on chain, or with a commit that it did not sign', async () => {
    await fixture.start();
    const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
    const again = () =>
      upload({ url: `${fixture.url}/submit`, fields: fixture.fields(miner, hash), file: { path, name } });
    const committed = fixture.commits.get(miner.hotkey);
    if (committed === undefined) throw new Error('no commit');
    fixture.commits.delete(miner.hotkey);
    expect(await again()).toMatchObject({ status: 400, code: 'OST_SUBMISSION_NO_COMMIT' });
    fixture.commits.set(miner.hotkey, { ...committed, modelHash: 'a'.repeat(48) });
    expect(await again()).toMatchObject({ status: 400, code: 'OST_SUBMISSION_HASH' });
    const foreign = encodeSignature(other.sign(commitMessage(hash)));
    for (const signature of [foreign, 'short', '']) {
      fixture.commits.set(miner.hotkey, { ...committed, signature });
      expect(await again()).toMatchObject({ status: 400, code: 'OST_SUBMISSION_COMMIT_SIGNATURE' });
    }
    // None of these refusals used up the signature's one time: put right, the very same request may pass.
    fixture.commits.set(miner.hotkey, committed);
    expect(await again()).toMatchObject({ kind: 'accepted' });
  });

  test('where it announces more bytes than allowed', async () => {
    await fixture.start({ limits: { maxSubmissionBytes: 1000 } });
    const path = join(fixture.folder, 'large');
    await writeFile(path, Buffer.alloc(5_000_000));
    const { result } = await send({ path });
    expect(result).toMatchObject({ status: 413, code: 'OST_ARTIFACT_TOO_LARGE' });
  });

  test('where it is no form, has no file, or its file comes first', async () => {
    await fixture.start();
    const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
    const post = async (body: string | FormData, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${fixture.url}/submit`, { method: 'POST', body, headers });
      const { code } = JSON.parse(await answer.text());
      return [answer.status, code];
    };
    expect(await post('{}', { 'content-type': 'application/json' })).toEqual([415, 'OST_HTTP_UPLOAD_TYPE']);
    expect(await post('x')).toEqual([415, 'OST_HTTP_UPLOAD_TYPE']);
    expect(await post('x', { 'content-type': 'multipart/form-data' })).toEqual([415, 'OST_HTTP_UPLOAD_TYPE']);
    expect((await post('x', { 'content-type': 'multipart/form-data; boundary=b' }))[0]).toBe(400);
    const fields = Object.entries(fixture.fields(miner, hash));
    const none = new FormData();
    for (const [key, value] of fields) none.append(key, value);
    expect(await post(none)).toEqual([400, 'OST_HTTP_UPLOAD_ORDER']);
    const file = new Blob([await readFile(path)]);
    const first = new FormData();
    first.append('file', file, name);
    for (const [key, value] of fields) first.append(key, value);
    expect((await post(first))[0]).toBe(400);
    const twice = new FormData();
    for (const [key, value] of [...fields, ...fields]) twice.append(key, value);
    expect(await post(twice)).toEqual([400, 'OST_HTTP_UPLOAD_ORDER']);
    const misnamed = new FormData();
    for (const [key, value] of fields) misnamed.append(key, value);
    misnamed.append('model', file, name);
    expect(await post(misnamed)).toEqual([400, 'OST_HTTP_UPLOAD_ORDER']);
    const two = new FormData();
    for (const [key, value] of fields) two.append(key, value);
    two.append('file', file, name);
    two.append('file', file, name);
    expect(await post(two)).toEqual([400, 'OST_HTTP_UPLOAD_ORDER']);
    expect(await fixture.leftovers()).toEqual([]);
    expect(fixture.accepted).toEqual([]);
  });
});

describe('a file is refused, and nothing of it stays,', () => {
  const f32 = (length: number, value: number) => new Uint8Array(new Float32Array(length).fill(value).buffer);
  const [first, second] = groupTensors(0, 5);
  if (first === undefined || second === undefined) throw new Error('no tensors');
  const nan = new Float32Array(6400).fill(1);
  nan[6399] = Number.NaN;
  const cases = [
    ['with a tensor of another group', [...groupTensors(1)], 'OST_SUBMISSION_TENSORS'],
    ['with a tensor too many', [first, second, { ...first, name: 'embed' }], 'OST_SUBMISSION_TENSORS'],
    ['with a tensor missing', [first], 'OST_SUBMISSION_TENSORS'],
    ['with no tensors', [], 'OST_SUBMISSION_TENSORS'],
    ['of another shape', [first, { ...second, shape: [100, 64] }], 'OST_SUBMISSION_TENSORS'],
    ['of another type', [first, { ...second, dtype: 'U32' as const }], 'OST_SUBMISSION_TENSORS'],
    ['with a NaN', [first, { ...second, data: new Uint8Array(nan.buffer) }], 'OST_SUBMISSION_NOT_FINITE'],
    ['with an infinity', [first, { ...second, data: f32(6400, Infinity) }], 'OST_SUBMISSION_NOT_FINITE'],
  ] as const;
  test.each(cases)('%s', async (_, tensors, code) => {
    await fixture.start();
    const { path, hash } = await fixture.commit(miner, tensors);
    const result = await upload({
      url: `${fixture.url}/submit`,
      fields: fixture.fields(miner, hash),
      file: { path, name },
    });
    expect(result).toMatchObject({ kind: 'refused', status: 400, code });
    expect(await fixture.leftovers()).toEqual([]);
    expect(fixture.accepted).toEqual([]);
  });

  test('that is another one than committed, cut off, or no safetensors at all', async () => {
    await fixture.start();
    const otherFile = await fixture.commit(other, groupTensors(0, 6));
    expect((await send({ path: otherFile.path })).result).toMatchObject({ status: 400, code: 'OST_SUBMISSION_HASH' });
    const broken = join(fixture.folder, 'broken');
    await writeFile(broken, (await readFile(otherFile.path)).subarray(0, -1));
    expect((await send({ path: broken })).result).toMatchObject({ status: 400, code: 'OST_SAFETENSORS_TENSOR' });
    await writeFile(broken, '');
    expect((await send({ path: broken })).result).toMatchObject({ status: 400, code: 'OST_SAFETENSORS_TRUNCATED' });
    expect(await fixture.leftovers()).toEqual([]);
  });

  test('that is larger than allowed without having said so', async () => {
    await fixture.start({ limits: { maxSubmissionBytes: 10_000 } });
    const { path, hash } = await fixture.commit(miner, groupTensors(0, 5));
    // Chunked: no length is announced.
    const encoded = rawForm(fixture.fields(miner, hash), await readFile(path));
    async function* chunks() {
      yield encoded.body;
    }
    const answer = await fetch(`${fixture.url}/submit`, {
      method: 'POST',
      body: Readable.from(chunks()),
      duplex: 'half',
      headers: { 'content-type': encoded.type },
    });
    expect([answer.status, JSON.parse(await answer.text()).code]).toEqual([413, 'OST_ARTIFACT_TOO_LARGE']);
    expect(await fixture.leftovers()).toEqual([]);
  });
});

describe('one submission for each miner and cycle', () => {
  test('is accepted of two that come at once, and the other leaves nothing', async () => {
    await fixture.start();
    const { path, hash, digest } = await fixture.commit(miner, groupTensors(0, 5));
    const url = `${fixture.url}/submit`;
    const results = await Promise.all(
      [0, 1].map(() => upload({ url, fields: fixture.fields(miner, hash), file: { path, name } })),
    );
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['accepted', 'refused']);
    expect(results.find(({ kind }) => kind === 'refused')).toMatchObject({
      status: 409,
      code: 'OST_SUBMISSION_DUPLICATE',
    });
    expect(fixture.accepted).toHaveLength(1);
    expect(await fixture.leftovers()).toEqual([digest]);
  });

  test('is decided by the ledger where two servers share it', async () => {
    await fixture.start({ submissions: { find: async () => null, accept: async () => 'duplicate' } });
    expect((await send()).result).toMatchObject({ status: 409, code: 'OST_SUBMISSION_DUPLICATE' });
    expect(fixture.woken).toEqual([]);
  });

  test('makes a repetition of the very file a success, for its answer may have been lost', async () => {
    await fixture.start();
    const { path, hash, digest } = await send();
    const url = `${fixture.url}/submit`;
    const fields = fixture.fields(miner, hash);
    expect(await upload({ url, fields, file: { path, name, digest } })).toMatchObject({ kind: 'accepted', digest });
    expect(await upload({ url, fields, file: { path, name, digest: 'other' } })).toMatchObject({ kind: 'refused' });
    expect(fixture.accepted).toHaveLength(1);
  });

  test('leaves other miners alone, even with the same bytes', async () => {
    await fixture.start();
    await send();
    expect((await send({ by: other })).result.kind).toBe('accepted');
    expect(fixture.accepted.map(({ hotkey }) => hotkey)).toEqual([miner.hotkey, other.hotkey]);
  });

  test('may be by a hotkey that has become a validator', async () => {
    fixture.registrations.set(miner.hotkey, { uid: uid(1), validatorPermit: true });
    await fixture.start();
    expect((await send()).result.kind).toBe('accepted');
    expect(validator.hotkey).not.toBe(miner.hotkey);
  });
});
