import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchGradients } from '../../../activities/merge/fetch-gradients.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import type { HeldAnnouncement } from '../../../domain/merge/decide.ts';
import { type Blocks, blocks } from '../../../domain/units.ts';
import { groupTensor } from '../../adapters/published-model/fixture.ts';
import { asActivity } from '../as-activity.ts';
import { Subnet } from './subnet.ts';

let subnet: Subnet;
let announcement: HeldAnnouncement;

beforeAll(async () => {
  subnet = await Subnet.start({ '//Holder': 10_000, '//Asker': 10_000 });
  const { tiny, signer, base } = subnet.get('//Holder');
  const file = `${tiny.base}/gradient`;
  await writeSafetensors(file, [groupTensor(0, 0.5, 0, -0.5)]);
  const { digest, bytes } = await tiny.store.put({ file }, 'application/vnd.safetensors');
  const gradients = [{ group: 0, digest, bytes, submissions: 1 }];
  announcement = { hotkey: signer.hotkey, digest: 'an announcement', base: base.hash, gradients, inTime: true };
}, 60_000);
afterAll(() => subnet[Symbol.asyncDispose]());

/** Fetches through an address at which nobody listens at first, and the holder's model server afterwards. */
async function fetchThrough(downMs: number, until?: Blocks) {
  const access = subnet.access('//Asker', '//Holder');
  const { port, hostname } = new URL(access.url);
  let isUp = false;
  const door = createServer((down) => {
    if (!isUp) return void down.destroy();
    const up = connect(Number(port), hostname);
    down.on('error', () => up.destroy()).pipe(up);
    up.on('error', () => down.destroy()).pipe(down);
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const opened = sleep(downMs).then(() => {
    isUp = true;
  });
  try {
    const { deps, base } = subnet.get('//Asker');
    const sources = [{ ...access, url }];
    const input = { announcement, model: base, sources, ...(until === undefined ? {} : { until }) };
    return await asActivity(() => fetchGradients(deps)(input));
  } finally {
    await opened;
    door.close();
  }
}

describe('a pseudo-gradient whose holder cannot be reached', () => {
  test('is unavailable where nobody says until when it would be good enough', async () => {
    expect(await fetchThrough(1_000)).toMatchObject({ verdict: 'unavailable' });
  });

  test('is unavailable when the block is over until which it was to come', async () => {
    expect((await subnet.chain.head()).number).toBeGreaterThan(0);
    expect(await fetchThrough(1_000, blocks(0))).toMatchObject({ verdict: 'unavailable' });
  });

  test('is fetched once its model server is back, as long as the block is not over', async () => {
    const { number: head } = await subnet.chain.head();
    expect(await fetchThrough(3_000, head)).toMatchObject({ verdict: 'sound' });
  });
});
