import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { importBase, modelGroups } from '../../../adapters/published-model/import-base.ts';
import { openPublishedModels } from '../../../adapters/published-model/open.ts';
import { tinyModel } from './fixture.ts';

describe('a base model', () => {
  test('comes into the store part by part, the shared one first, as version 0', async () => {
    await using tiny = await tinyModel();
    const manifest = await importBase(tiny.base, tiny.store);
    expect(manifest).toMatchObject({ version: 0, momentum: [] });
    expect(manifest.parts.map(({ part }) => part)).toEqual(['shared', 0, 1]);
    for (const { ref, hash } of manifest.parts) {
      expect(await tiny.store.verify(ref.digest)).toBe('sound');
      expect((await hashTensors(tiny.store.path(ref.digest))).hash).toBe(hash);
    }
    expect(await modelGroups(tiny.base)).toBe(2);
  });

  test('has one hash, whether its tensors lie in one file or in several', async () => {
    await using tiny = await tinyModel();
    const { hash, full } = await importBase(tiny.base, tiny.store);
    expect(await hashTensors(tiny.store.path(full.digest))).toMatchObject({ hash, tensors: 3 });
  });

  test('that is not there, or lacks its groups, is refused by its folder', async () => {
    await using tiny = await tinyModel();
    const missing = { code: 'OST_MODEL_BASE_MISSING', params: { folder: join(tiny.base, 'no') } };
    await expect(importBase(join(tiny.base, 'no'), tiny.store)).rejects.toMatchObject(missing);
    for (const group of [0, 1]) await rm(join(tiny.base, `model_expgroup_${group}.safetensors`));
    await expect(modelGroups(tiny.base)).rejects.toMatchObject({ code: 'OST_MODEL_BASE_MISSING' });
  });
});

describe('the published model', () => {
  test('is none until the base is taken in, and that only once', async () => {
    await using tiny = await tinyModel();
    expect(await tiny.models.current()).toBeNull();
    const base = await tiny.models.ensureBase(tiny.base);
    expect(await tiny.models.current()).toEqual(base);
    await rm(tiny.base, { recursive: true });
    expect(await tiny.models.ensureBase(tiny.base)).toEqual(base);
  });

  test('changes for every process at once, and leaves nothing half-written', async () => {
    await using tiny = await tinyModel();
    const base = await tiny.models.ensureBase(tiny.base);
    const other = await openPublishedModels(tiny.folder, tiny.store);
    const next = await tiny.models.put({ ...base.manifest, version: 28 });
    expect(await other.current()).toEqual(base);
    const seen = new Set<number | undefined>();
    let done = false;
    const reading = (async () => {
      while (!done) seen.add((await other.current())?.manifest.version);
    })();
    for (let i = 0; i < 20; i++) {
      await tiny.models.publish(next.manifestDigest);
      await tiny.models.publish(base.manifestDigest);
    }
    done = true;
    await reading;
    expect([...seen].filter((version) => version !== 0 && version !== 28)).toEqual([]);
    await tiny.models.publish(next.manifestDigest);
    expect(await other.current()).toEqual(next);
    expect(await readdir(tiny.folder)).toEqual(['current.json']);
    expect(JSON.parse(await readFile(join(tiny.folder, 'current.json'), 'utf8'))).toEqual({
      ...next.manifest,
      manifest: next.manifestDigest,
    });
  });

  test('cannot be one whose manifest is not there, and the old one stays', async () => {
    await using tiny = await tinyModel();
    const base = await tiny.models.ensureBase(tiny.base);
    const digest = 'ab'.repeat(32);
    await expect(tiny.models.publish(digest)).rejects.toMatchObject({ code: 'OST_ARTIFACT_MISSING' });
    expect(await tiny.models.current()).toEqual(base);
  });

  test('knows where its parts lie, groups in order', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const { shared, groups } = tiny.models.paths({ ...manifest, parts: manifest.parts.toReversed() });
    expect(await readFile(shared)).toEqual(await readFile(join(tiny.base, 'model_shared.safetensors')));
    expect(await Promise.all(groups.map((path) => readFile(path)))).toEqual(
      await Promise.all([0, 1].map((group) => readFile(join(tiny.base, `model_expgroup_${group}.safetensors`)))),
    );
  });

  test('of the same content has the same digest, however often it is put', async () => {
    await using tiny = await tinyModel();
    const base = await tiny.models.ensureBase(tiny.base);
    expect(await tiny.models.put(await importBase(tiny.base, tiny.store))).toEqual(base);
    await writeFile(join(tiny.base, 'README'), 'is no part');
    expect(await tiny.models.put(await importBase(tiny.base, tiny.store))).toEqual(base);
  });
});
