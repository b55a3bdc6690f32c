import { rm, truncate } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mendModel } from '../../../adapters/published-model/mend.ts';
import { outerStep } from '../../../adapters/published-model/merge.ts';
import type { ModelManifest } from '../../../domain/model-manifest.ts';
import { blocks } from '../../../domain/units.ts';
import { type TinyModel, tinyModel } from './fixture.ts';

let tiny: TinyModel;
let stepped: ModelManifest;
beforeEach(async () => {
  tiny = await tinyModel();
  const { manifest } = await tiny.models.ensureBase(tiny.base);
  const gradient = await tiny.put(0, 0.1, 0.2, 0.3);
  const settings = { learningRate: 0.7, momentum: 0.9, version: blocks(9) };
  stepped = await outerStep(manifest, [gradient], settings, tiny.store);
});
afterEach(async () => {
  await tiny[Symbol.asyncDispose]();
});

const lose = async (...digests: readonly (string | undefined)[]): Promise<void> => {
  for (const digest of digests) await rm(tiny.store.path(digest ?? ''));
};
const sound = () =>
  Promise.all([...stepped.parts, ...stepped.momentum].map(({ ref }) => tiny.store.verify(ref.digest)));

describe('what vanished of the model on our own disk', () => {
  test('is made anew from the base’s folder where it is still the base’s', async () => {
    await lose(stepped.parts[0]?.ref.digest, stepped.parts[2]?.ref.digest, stepped.full.digest);
    expect(await mendModel(stepped, tiny.store, tiny.base)).toEqual([]);
    expect(new Set(await sound())).toEqual(new Set(['sound']));
    expect(await tiny.store.verify(stepped.full.digest)).toBe('sound');
  });

  test('is cut out of the full file where that is left', async () => {
    await lose(stepped.parts[1]?.ref.digest);
    expect(await mendModel(stepped, tiny.store, null)).toEqual([]);
    expect(new Set(await sound())).toEqual(new Set(['sound']));
  });

  test('is told where only another validator has it: the momentum, or a part and the full file', async () => {
    const momentum = stepped.momentum[0]?.ref.digest ?? '';
    await lose(momentum);
    expect(await mendModel(stepped, tiny.store, tiny.base)).toEqual([momentum]);
    const part = stepped.parts[1]?.ref.digest ?? '';
    await lose(part, stepped.full.digest);
    expect(new Set(await mendModel(stepped, tiny.store, tiny.base))).toEqual(
      new Set([momentum, part, stepped.full.digest]),
    );
  });

  test('and what was cut short counts as gone', async () => {
    const part = tiny.store.path(stepped.parts[1]?.ref.digest ?? '');
    await truncate(part, 20);
    expect(await mendModel(stepped, tiny.store, null)).toEqual([]);
    expect(new Set(await sound())).toEqual(new Set(['sound']));
  });
});
