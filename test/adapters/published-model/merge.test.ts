import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { type TensorSource, writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { outerStep } from '../../../adapters/published-model/merge.ts';
import { encodeTo } from '../../../domain/merge/float-formats.ts';
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
  test('moves a group along the mean of its pseudo-gradients, with Nesterov momentum', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const gradients = [await tiny.put(0, 1, 0, -2), await tiny.put(0, 1, 2, -1)];
    const stepped = await outerStep(manifest, gradients, settings, tiny.store);
    const expected = nesterovStep(f32(1, 2, 3), f32(1, 1, -1.5), null);
    expect(await valuesOf(tiny, part(stepped, 0)?.ref.digest)).toEqual([...expected.params]);
    expect(await valuesOf(tiny, stepped.momentum[0]?.ref.digest)).toEqual([...expected.momentum]);
    expect(stepped.version).toBe(28);
  });

  test('leaves groups without a pseudo-gradient as they are, and the shared part for ever', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const stepped = await outerStep(manifest, [await tiny.put(1, 0, 0, -1)], settings, tiny.store);
    expect(part(stepped, 'shared')).toEqual(part(manifest, 'shared'));
    expect(part(stepped, 0)).toEqual(part(manifest, 0));
    expect(part(stepped, 1)).not.toEqual(part(manifest, 1));
    expect(stepped.momentum.map((each) => each.part)).toEqual([1]);
  });

  test('carries the momentum of each group into its next step, also over a cycle without one', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const gradient = await tiny.put(0, 1, 0, 0);
    const first = await outerStep(manifest, [gradient], settings, tiny.store);
    const between = await outerStep(first, [await tiny.put(1, 0, 0, -1)], settings, tiny.store);
    expect(between.momentum).toContainEqual(first.momentum[0]);
    const third = await outerStep(between, [gradient], settings, tiny.store);

    const one = nesterovStep(f32(1, 2, 3), f32(1, 0, 0), null);
    const two = nesterovStep(one.params, f32(1, 0, 0), one.momentum);
    expect(await valuesOf(tiny, part(third, 0)?.ref.digest)).toEqual([...two.params]);
    expect(third.momentum.map((each) => each.part)).toEqual([0, 1]);
    // Without its momentum the same step leads elsewhere: a validator that lost it would leave its peers.
    const forgetful = await outerStep({ ...between, momentum: [] }, [gradient], settings, tiny.store);
    expect(forgetful.hash).not.toBe(third.hash);
  });

  test('gives the same bytes in another deployment, and a hash that its full file has too', async () => {
    await using tiny = await tinyModel();
    await using peer = await tinyModel();
    const steps = await Promise.all(
      [tiny, peer].map(async (model) => {
        const { manifest } = await model.models.ensureBase(model.base);
        const gradients = [await model.put(0, 0.1, 0.2, 0.3), await model.put(0, 0.3, 0.7, 0.9)];
        return outerStep(manifest, gradients, settings, model.store);
      }),
    );
    expect(steps[1]).toEqual(steps[0]);
    const full = tiny.store.path(steps[0]?.full.digest ?? '');
    expect((await hashTensors(full)).hash).toBe(steps[0]?.hash);
  });

  test('is the same whatever order the pseudo-gradients come in', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const three = [await tiny.put(0, 60, 1e-9, 1), await tiny.put(0, -60, 1e-9, 2), await tiny.put(0, 1e-9, 1e-9, 3)];
    const one = await outerStep(manifest, three, settings, tiny.store);
    for (const order of [
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ]) {
      const given = order.flatMap((place) => three[place] ?? []);
      expect(await outerStep(manifest, given, settings, tiny.store)).toEqual(one);
    }
  });

  test.each(['BF16', 'F16'] as const)('of a model in %s stays in it, with momentum in float32', async (dtype) => {
    await using tiny = await tinyModel();
    const name = 'layers.0.experts.0';
    const half = (...values: readonly number[]): TensorSource => ({
      name,
      dtype,
      shape: [values.length],
      data: new Uint8Array(encodeTo(dtype, Float32Array.from(values)).buffer),
    });
    await writeSafetensors(join(tiny.base, 'model_expgroup_0.safetensors'), [half(1, 2, 3)]);
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const file = join(tiny.base, 'gradient');
    await writeSafetensors(file, [half(0.5, 0, -0.25)]);
    const { digest } = await tiny.store.put({ file }, 'application/vnd.safetensors');
    const stepped = await outerStep(manifest, [{ group: 0, digest }], settings, tiny.store);
    const expected = nesterovStep(f32(1, 2, 3), f32(0.5, 0, -0.25), null);
    expect(await valuesOf(tiny, stepped.momentum[0]?.ref.digest)).toEqual([...expected.momentum]);
    const bytes = await readFile(tiny.store.path(part(stepped, 0)?.ref.digest ?? ''));
    expect(bytes.subarray(-6)).toEqual(Buffer.from(encodeTo(dtype, expected.params).buffer));
  });

  test('refuses what is no float, rather than to misread it', async () => {
    await using tiny = await tinyModel();
    const { manifest } = await tiny.models.ensureBase(tiny.base);
    const file = `${tiny.base}/other.safetensors`;
    await writeSafetensors(file, [{ ...groupTensor(0), dtype: 'F64', shape: [3], data: new Uint8Array(24) }]);
    const { digest } = await tiny.store.put({ file }, 'application/vnd.safetensors');
    await expect(outerStep(manifest, [{ group: 0, digest }], settings, tiny.store)).rejects.toMatchObject({
      code: 'OST_MODEL_DTYPE',
    });
  });
});
