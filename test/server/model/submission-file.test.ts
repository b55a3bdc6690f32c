import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { blocks, bytes } from '../../../domain/units.ts';
import { cycle, groupTensors, people, ServerFixture, submissionStart } from './fixture.ts';

let fixture: ServerFixture;
let digest: string;
let content: Buffer;
beforeAll(async () => {
  fixture = await ServerFixture.create();
  await fixture.start({ token: 'secret' });
  const { path, hash } = await fixture.commit(people.miner, groupTensors(0, 5));
  content = await readFile(path);
  const ref = await fixture.store.put({ file: path }, 'application/vnd.safetensors');
  digest = ref.digest;
  fixture.accepted.push({
    cycle,
    hotkey: people.miner.hotkey,
    group: 0,
    modelHash: hash,
    digest,
    bytes: bytes(content.length),
    block: blocks(submissionStart),
    receivedAtBlock: blocks(submissionStart),
  });
});
afterAll(() => fixture.end());
beforeEach(() => fixture.used.clear());

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await request(`${fixture.url}${path}`, { headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, headers: answer.headers, body };
}
const of = (miner: string, index: number, by = people.peer, changes = {}) =>
  `/submissions/${index}/${miner}?${fixture.query(by, changes)}`;
const codeOf = ({ status, body }: { readonly status: number; readonly body: Buffer }) => [
  status,
  JSON.parse(body.toString()).code,
];

describe('a miner’s file at the validator that it is assigned to', () => {
  test('is for the other validators, by the miner and the cycle, without a token', async () => {
    const answer = await get(of(people.miner.hotkey, cycle));
    expect(answer.status).toBe(200);
    expect(answer.body.equals(content)).toBe(true);
    expect(answer.headers).toMatchObject({ etag: `"${digest}"`, 'accept-ranges': 'bytes' });
  });

  test('may be fetched in ranges, with one signature for all', async () => {
    const path = of(people.miner.hotkey, cycle);
    const [head, tail] = [await get(path, { range: 'bytes=0-99' }), await get(path, { range: 'bytes=100-' })];
    expect([head.status, tail.status]).toEqual([206, 206]);
    expect(Buffer.concat([head.body, tail.body]).equals(content)).toBe(true);
  });

  test('is not for hotkeys without a permit, who do not even learn whether it is there', async () => {
    for (const miner of [people.miner, people.other]) {
      const answer = await get(of(miner.hotkey, cycle, people.other));
      expect(codeOf(answer)).toEqual([403, 'OST_HTTP_NO_PERMIT']);
    }
    expect(codeOf(await get(of(people.miner.hotkey, cycle, people.stranger)))).toEqual([
      403,
      'OST_HTTP_NOT_REGISTERED',
    ]);
  });

  test.each([
    ['another miner', () => of(people.other.hotkey, cycle), [404, 'OST_SUBMISSION_NOT_HERE']],
    ['another cycle', () => of(people.miner.hotkey, cycle + 1), [404, 'OST_SUBMISSION_NOT_HERE']],
    ['what is no hotkey', () => of('..%2f..', cycle), [400, 'OST_HTTP_FIELD']],
    [
      'an old block',
      () => of(people.miner.hotkey, cycle, people.peer, { origin_block: '700' }),
      [400, 'OST_HTTP_STALE_BLOCK'],
    ],
  ] as const)('is refused for %s', async (_name, path, expected) => {
    expect(codeOf(await get(path()))).toEqual(expected);
  });

  test('is called by the originals’ index, whatever number the cycle has here', async () => {
    const schedule = { name: 'longer', lengths: [6, 22, 4, 4, 8, 10, 8, 4, 34] } as const;
    const server = await ServerFixture.create();
    // Blocks of 100 since block 700, which began this deployment's cycle 10: the others know it as 7.
    await server.start({
      schedule: () => ({ ...schedule, anchor: { block: blocks(700), cycle } }),
      store: fixture.store,
    });
    server.accepted.push(...fixture.accepted);
    const ask = async (index: number) => {
      const url = `${server.url}/submissions/${index}/${people.miner.hotkey}?${server.query(people.peer)}`;
      const answer = await request(url, { method: 'HEAD' });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect([await ask(7), await ask(10), await ask(6)]).toEqual([200, 404, 404]);
    await server.end();
  });
});
