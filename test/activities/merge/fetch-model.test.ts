import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { modelRecord } from '../../../activities/cycle/model-record.ts';
import { fetchModel } from '../../../activities/merge/fetch-model.ts';
import { outerStep } from '../../../adapters/published-model/merge.ts';
import type { ModelRecord } from '../../../domain/cycle-record.ts';
import type { ModelManifest } from '../../../domain/model-manifest.ts';
import { outerStepDefaults } from '../../../domain/outer-step.ts';
import { blocks } from '../../../domain/units.ts';
import { asActivity } from '../as-activity.ts';
import { type Member, Subnet } from './subnet.ts';

let subnet: Subnet;
let holder: Member;
let stepped: ModelManifest;
let model: ModelRecord;

beforeAll(async () => {
  subnet = await Subnet.start({ '//Holder': 10_000, '//Other': 10_000, '//Late': 10_000 });
  holder = subnet.get('//Holder');
  const base = await holder.tiny.models.manifest(holder.base.manifest);
  const settings = { ...outerStepDefaults, version: blocks(2) };
  stepped = await outerStep(base, [await holder.tiny.put(0, 0.5, 0, -0.5)], settings, holder.tiny.store);
  model = modelRecord(await holder.tiny.models.put(stepped));
}, 60_000);
afterAll(() => subnet[Symbol.asyncDispose]());

const fetch = (wanted: ModelRecord, ...from: readonly string[]) =>
  asActivity(() =>
    fetchModel(subnet.get('//Late').deps)({ model: wanted, sources: from.map((uri) => subnet.access('//Late', uri)) }),
  );

const held = (uri: string) => subnet.get(uri).tiny.store;

describe('the majority’s model', () => {
  test('comes with its momentum, and is the very same: the next step leads to the same place', async () => {
    expect(await fetch(model, '//Holder')).toEqual({ kind: 'fetched', model });
    const { tiny } = subnet.get('//Late');
    const manifest = await tiny.models.manifest(model.manifest);
    expect(manifest).toEqual(stepped);
    for (const { ref } of [...manifest.parts, ...manifest.momentum, { ref: manifest.full }]) {
      expect(await tiny.store.verify(ref.digest)).toBe('sound');
    }
    const settings = { ...outerStepDefaults, version: blocks(20) };
    const next = [await tiny.put(0, 0.25, 0, 0), await holder.tiny.put(0, 0.25, 0, 0)];
    const two = await Promise.all(
      [tiny, holder.tiny].map((each, i) => outerStep(manifest, next.slice(i, i + 1), settings, each.store)),
    );
    expect(two[0]).toEqual(two[1]);
  });

  test('is fetched from the next validator where the first has it not', async () => {
    await rm(held('//Late').path(model.manifest), { force: true });
    expect(await fetch(model, '//Other', '//Holder')).toEqual({ kind: 'fetched', model });
    await rm(held('//Late').path(model.manifest), { force: true });
    expect(await fetch(model, '//Other')).toMatchObject({ kind: 'failed' });
  });

  test('is not one whose hash is not what the chain has, however its sender names it', async () => {
    const onChain = { ...model, hash: '12'.repeat(24) };
    expect(await fetch(onChain, '//Holder')).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining('names model'),
    });
    // A manifest that claims the chain's hash for other tensors.
    const lie = modelRecord(await holder.tiny.models.put({ ...stepped, hash: onChain.hash }));
    const found = await fetch(lie, '//Holder');
    expect(found).toMatchObject({ kind: 'failed', detail: expect.stringContaining('tensors hash to') });
    expect((await subnet.get('//Late').tiny.models.current())?.manifest.hash).not.toBe(onChain.hash);
  });

  test('is not one whose momentum was changed on its way', async () => {
    const [momentum] = stepped.momentum;
    const digest = momentum?.ref.digest ?? '';
    await rm(held('//Late').path(digest), { force: true });
    const file = held('//Holder').path(digest);
    const right = await readFile(file);
    await chmod(file, 0o644);
    await writeFile(file, Buffer.from(right).fill(1, right.length - 4));
    expect(await fetch(model, '//Holder')).toMatchObject({ kind: 'failed' });
    expect(await held('//Late').has(digest)).toBe(false);
    await writeFile(file, right);
    expect(await fetch(model, '//Holder')).toEqual({ kind: 'fetched', model });
  });

  test.each([
    [
      'has momentum of a part that is not there',
      (good: ModelManifest) => ({ ...good, momentum: [{ part: 9, ref: good.full }] }),
    ],
    ['lacks its shared part', (good: ModelManifest) => ({ ...good, parts: good.parts.slice(1) })],
    [
      'names files of digests that are paths',
      (good: ModelManifest) => ({ ...good, full: { ...good.full, digest: '../../x' } }),
    ],
    ['has another full file', (good: ModelManifest) => ({ ...good, full: { ...good.full, digest: 'ab'.repeat(32) } })],
    ['is no manifest', () => ({ hello: 'there' })],
  ])('is not one whose manifest %s', async (_, change) => {
    const text = JSON.stringify(change(stepped));
    const { digest } = await held('//Holder').put(Buffer.from(text), 'application/json');
    expect(await fetch({ ...model, manifest: digest }, '//Holder')).toMatchObject({ kind: 'failed' });
  });
});
