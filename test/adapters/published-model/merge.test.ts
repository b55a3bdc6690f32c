import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { outerStep } from '../../../adapters/published-model/merge.ts';
import type { ModelManifest, Part } from '../../../domain/model-manifest.ts';
import { nesterovStep, outerStepDefaults } from '../../../domain/outer-step.ts';
import { blocks } from '../../../domain/units.ts';
import { groupTensor, type TinyModel, tinyModel } from './fixture.ts';

const settings = { ...outerStepDefaults, version: blocks(28) };

const part = (manifest: ModelManifest, wanted: Part) => manifest.parts.find((each) => each.part === wanted);

/** The numbers of a one-tensor file in the store. */
async function valuesOf({ store }: TinyModel, digest = ''): Promise<readonly number[]> {
  const file = store.path(digest);
  const [entry] = (await readSafetensorsHeader(file)).tensors.values();
  const bytes = await readFile(file);
  return [...new Float32Array(Uint8Array.from(bytes.subarray(entry?.begin, entry?.end)).buffer)];
}

const f32 = (...values: readonly number[]) => Float32Array.from(values);

describe('the outer step of a model', () => {
  test('moves a group along the mean of its submissions, with Nesterov momentum', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const contributions = [await tiny.submit(0, 0, 2, 5), await tiny.submit(0, 0, 0, 4)];
    const stepped = await outerStep(manifest, contributions, settings, tiny.store);
    const expected = nesterovStep(f32(1, 2, 3), f32(1, 1, -1.5), null);
    expect(await valuesOf(tiny, part(stepped, 0)?.ref.digest)).toEqual([...expected.params]);
    expect(await valuesOf(tiny, stepped.momentum[0]?.ref.digest)).toEqual([...expected.momentum]);
    expect(stepped.version).toBe(28);
  });

  test('leaves groups without a submission as they are, and the shared part for ever', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const stepped = await outerStep(manifest, [await tiny.submit(1, 4, 5, 7)], settings, tiny.store);
    expect(part(stepped, 'shared')).toEqual(part(manifest, 'shared'));
    expect(part(stepped, 0)).toEqual(part(manifest, 0));
    expect(part(stepped, 1)).not.toEqual(part(manifest, 1));
    expect(stepped.momentum.map((each) => each.part)).toEqual([1]);
  });

  test('carries the momentum of each group into its next step, also over a cycle without one', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const first = await outerStep(manifest, [await tiny.submit(0, 0, 2, 3)], settings, tiny.store);
    const between = await outerStep(first, [await tiny.submit(1, 4, 5, 7)], settings, tiny.store);
    expect(between.momentum).toContainEqual(first.momentum[0]);
    const third = await outerStep(between, [await tiny.submit(0, 0, 2, 3)], settings, tiny.store);

    const one = nesterovStep(f32(1, 2, 3), f32(1, 0, 0), null);
    const gradient = one.params.map((value, index) => value - (f32(0, 2, 3)[index] ?? 0));
    const two = nesterovStep(one.params, gradient, one.momentum);
    expect(await valuesOf(tiny, part(third, 0)?.ref.digest)).toEqual([...two.params]);
    expect(third.momentum.map((each) => each.part)).toEqual([0, 1]);
  });

  test('gives the same bytes in another deployment, and a hash that its full file has too', async () => {
    await using tiny = await tinyModel();
    await using peer = await tinyModel();
    const steps = await Promise.all(
      [tiny, peer].map(async (model) => {
        const { manifest } = await model.models.ensureBase(model.base);
        const submissions = [await model.submit(0, 0.1, 0.2, 0.3), await model.submit(0, 0.3, 0.7, 0.9)];
        return outerStep(manifest, submissions, settings, model.store);
      }),
    );
    expect(steps[1]).toEqual(steps[0]);
    const full = tiny.store.path(steps[0]?.full.digest ?? '');
    expect((await hashTensors(full)).hash).toBe(steps[0]?.hash);
  });

  test('sums in the order that it is given: the same hotkeys’ order is the same model, another need not be', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const three = [
      { hotkey: 'a', ...(await tiny.submit(0, 2 ** 60, 1, 1)) },
      { hotkey: 'c', ...(await tiny.submit(0, -1, 2, 2)) },
      { hotkey: 'b', ...(await tiny.submit(0, -(2 ** 60), 3, 3)) },
    ];
    const inOrder = (list: typeof three) => list.toSorted((a, b) => (a.hotkey < b.hotkey ? -1 : 1));
    const one = await outerStep(manifest, inOrder(three), settings, tiny.store);
    expect(await outerStep(manifest, inOrder(three.toReversed()), settings, tiny.store)).toEqual(one);
    expect((await outerStep(manifest, three, settings, tiny.store)).hash).not.toBe(one.hash);
  });

  test('refuses what is not float32, rather than to misread it', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const file = `${tiny.base}/other.safetensors`;
    const { writeSafetensors } = await import('../../../adapters/artifacts/safetensors-writer.ts');
    await writeSafetensors(file, [{ ...groupTensor(0), dtype: 'F64', shape: [3], data: new Uint8Array(24) }]);
    const { digest } = await tiny.store.put({ file }, 'application/vnd.safetensors');
    await expect(outerStep(manifest, [{ group: 0, digest }], settings, tiny.store)).rejects.toMatchObject({
      code: 'OST_MODEL_DTYPE',
    });
  });
});
