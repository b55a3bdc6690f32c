import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { type TensorSource, writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { accumulate } from '../../../adapters/merge/accumulate.ts';
import { checkGradient } from '../../../adapters/merge/check-gradient.ts';
import { TensorFile } from '../../../adapters/merge/tensor-file.ts';
import { hotkey } from '../../../domain/units.ts';
import { f32, groupTensor, type TinyModel, tinyModel } from '../published-model/fixture.ts';

async function write(tiny: TinyModel, name: string, ...tensors: readonly TensorSource[]): Promise<string> {
  const file = join(tiny.folder, name);
  await writeSafetensors(file, tensors);
  return file;
}

const part = (tiny: TinyModel) => join(tiny.base, 'model_expgroup_0.safetensors');

async function accepted(tiny: TinyModel, submissions: Readonly<Record<string, readonly number[]>>) {
  const files = [];
  for (const [name, values] of Object.entries(submissions)) {
    files.push({ hotkey: hotkey(name), file: await write(tiny, name, groupTensor(0, ...values)) });
  }
  return files;
}

describe('the pseudo-gradient of a validator', () => {
  test('is the mean of base minus submission, and names who is in it', async () => {
    await using tiny = await tinyModel();
    const files = await accepted(tiny, { b: [0, 2, 5], a: [0, 0, 4] });
    const { ref, included, excluded } = await accumulate(0, part(tiny), files, tiny.store);
    const file = tiny.store.path(ref?.digest ?? '');
    await using opened = await TensorFile.open(file);
    const values = await opened.values({ name: 'layers.0.experts.0', begin: 0, count: 3 });
    expect([...values]).toEqual([1, 1, -1.5]);
    expect([included, excluded]).toEqual([['a', 'b'], []]);
    expect(Object.fromEntries((await readSafetensorsHeader(file)).metadata)).toEqual({
      kind: 'pseudo-gradient',
      group: '0',
      weight: '1/2',
      of: 'a b',
    });
    expect(await checkGradient(file, part(tiny))).toBeNull();
  });

  test('has the same bytes in whatever order the submissions come', async () => {
    await using tiny = await tinyModel();
    const files = await accepted(tiny, { a: [50, 1e-9, 5], b: [-50, 0.1, 4], c: [1e-9, 7, 1 / 3] });
    const one = await accumulate(0, part(tiny), files, tiny.store);
    expect(await accumulate(0, part(tiny), files.toReversed(), tiny.store)).toEqual(one);
  });

  test('leaves out a submission with an element that no weight can come to, and keeps the others’', async () => {
    await using tiny = await tinyModel();
    const sound = await accepted(tiny, { a: [0, 2, 5] });
    const alone = await accumulate(0, part(tiny), sound, tiny.store);
    const files = [...(await accepted(tiny, { huge: [1, 1e30, 1], nan: [1, Number.NaN, 1] })), ...sound];
    const found = await accumulate(0, part(tiny), files, tiny.store);
    expect(found.ref).toEqual(alone.ref);
    expect(found.excluded).toMatchObject([
      { hotkey: 'huge', reason: 'magnitude' },
      { hotkey: 'nan', reason: 'nan' },
    ]);
  });

  test('is none where nobody is left', async () => {
    await using tiny = await tinyModel();
    const files = await accepted(tiny, { huge: [1, 1e30, 1] });
    expect(await accumulate(0, part(tiny), files, tiny.store)).toMatchObject({ ref: null, included: [] });
  });
});

describe('a peer’s file', () => {
  const wrong: readonly (readonly [string, string, readonly TensorSource[]])[] = [
    ['NaN', 'nan', [groupTensor(0, 0, Number.NaN, 0)]],
    ['infinity', 'nan', [groupTensor(0, 0, Number.NEGATIVE_INFINITY, 0)]],
    ['1e30', 'magnitude', [groupTensor(0, 0, 1e30, 0)]],
    ['another shape', 'shape', [groupTensor(0, 0, 0)]],
    ['another name', 'shape', [f32('layers.0.experts.9', 0, 0, 0)]],
    ['one tensor more', 'shape', [groupTensor(0, 0, 0, 0), f32('more', 0)]],
    ['no tensors', 'shape', []],
    ['another type', 'dtype', [{ ...groupTensor(0), dtype: 'BF16', shape: [3], data: new Uint8Array(6) }]],
  ];
  test.each(wrong)('with %s is refused: %s', async (name, reason, tensors) => {
    await using tiny = await tinyModel();
    const file = await write(tiny, 'gradient', ...tensors);
    const fault = await checkGradient(file, part(tiny));
    expect([name, fault?.reason]).toEqual([name, reason]);
  });

  test('that is no safetensors file is refused by its header', async () => {
    await using tiny = await tinyModel();
    const { digest } = await tiny.store.put(Buffer.from('no tensors in here'), 'application/octet-stream');
    expect(await checkGradient(tiny.store.path(digest), part(tiny))).toMatchObject({ reason: 'file' });
  });
});
