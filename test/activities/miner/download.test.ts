import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { downloadSlice } from '../../../activities/miner/download.ts';
import { type TensorSource, writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import type { ModelPart } from '../../../domain/model-manifest.ts';
import { blockMessage, encodeSignature } from '../../../domain/signed-message.ts';
import { groupTensors, people, ServerFixture } from '../../server/model/fixture.ts';
import { asActivity } from '../as-activity.ts';

const group = 1;
const unfit = { code: 'OST_MINER_SLICE_UNFIT' };
let fixture: ServerFixture;
let store: ArtifactStore;
let downloads: string;
beforeEach(async () => {
  fixture = await ServerFixture.create();
  store = await openStore(join(fixture.folder, 'miner'));
  downloads = join(fixture.folder, 'downloads');
  await fixture.start();
});
afterEach(() => fixture.end());

const note = (): void => undefined;
const log = { debug: note, info: note, warn: note, error: note };

/** What the chain says of the validator's model; left out: nothing yet. */
async function fetched(committed: { readonly modelHash: string; readonly version: number } | null = null) {
  const { miner, validator } = people;
  const message = blockMessage(validator.publicKey, fixture.head);
  return asActivity(() =>
    downloadSlice({ hotkey: miner.hotkey, token: null, ranges: 2, downloads, store, log })({
      signed: {
        validator: { hotkey: validator.hotkey, uid: 0, url: fixture.url, committed },
        block: fixture.head,
        signature: encodeSignature(miner.sign(message)),
      },
      group,
    }),
  );
}

/** Has the server serve another file as the group's part, or say something else of it. */
async function serve(tensors: readonly TensorSource[], changes: Partial<ModelPart> = {}): Promise<void> {
  const file = join(fixture.folder, 'another');
  await writeSafetensors(file, tensors);
  const ref = await fixture.store.put({ file }, 'application/vnd.safetensors');
  const part: ModelPart = { part: group, ref, hash: (await hashTensors(file)).hash, ...changes };
  const parts = fixture.manifest.parts.map((each) => (each.part === group ? part : each));
  fixture.published = { manifest: { ...fixture.manifest, parts }, manifestDigest: 'f'.repeat(64) };
}

const honest = () => fixture.manifest.parts.find(({ part }) => part === group);
const kept = async () => (await store.list()).map(({ digest }) => digest);

describe('the slice that a miner downloads', () => {
  test('is the one that the chain names, byte for byte', async () => {
    const { hash: modelHash, version } = fixture.manifest;
    const slice = await fetched({ modelHash, version });
    expect(slice).toEqual({ ref: honest()?.ref, group, hash: honest()?.hash, version, modelHash });
    expect(await store.verify(slice.ref.digest)).toBe('sound');
    expect(await kept()).toEqual([honest()?.ref.digest]);
  });

  test('is none of another model than the validator committed, and nothing of it is kept', async () => {
    const { version } = fixture.manifest;
    await expect(fetched({ modelHash: '0'.repeat(48), version })).rejects.toMatchObject(unfit);
    expect(await kept()).toEqual([]);
  });

  const broken: readonly (readonly [string, () => Promise<void>])[] = [
    ['has other tensors than the server says', () => serve(groupTensors(group, 9), { hash: '0'.repeat(48) })],
    [
      'holds a NaN',
      () => serve([{ name: 'w', dtype: 'F32', shape: [1], data: new Uint8Array(Float32Array.of(Number.NaN).buffer) }]),
    ],
  ];
  test.each(broken)(
    'that %s is never taken for one, nor is what was left of it by the next attempt',
    async (_, spoil) => {
      await spoil();
      await expect(fetched()).rejects.toMatchObject(unfit);
      expect(await kept()).toEqual([]);
      fixture.published = { manifest: fixture.manifest, manifestDigest: 'f'.repeat(64) };
      expect((await fetched()).ref).toEqual(honest()?.ref);
      expect(await kept()).toEqual([honest()?.ref.digest]);
    },
  );

  test('is never what lies at its place already, whole or not', async () => {
    await mkdir(downloads, { recursive: true });
    const place = join(downloads, `${people.validator.hotkey}-group-${group}.safetensors`);
    await writeSafetensors(place, groupTensors(group, 9));
    await writeFile(`${place}.partial`, 'half of something');
    await writeFile(`${place}.partial.chunks`, 'no ledger');
    expect((await fetched()).ref).toEqual(honest()?.ref);
    expect(await kept()).toEqual([honest()?.ref.digest]);
    expect((await readdir(downloads)).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
