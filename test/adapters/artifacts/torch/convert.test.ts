import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../../../adapters/artifacts/safetensors-header.ts';
import { hashTensors } from '../../../../adapters/artifacts/tensor-hash.ts';
import { convertTorchFile } from '../../../../adapters/artifacts/torch/convert.ts';
import { goldenFiles } from './golden.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-torch-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const files = goldenFiles();
const file = (name: string): string => files.find((each) => each.name.endsWith(`/${name}`))?.path ?? '';

/** What is in a file of ours, in the form in which torch's own expectations are kept. */
async function contentsOf(path: string) {
  const bytes = await readFile(path);
  const { tensors } = await readSafetensorsHeader(path);
  return Object.fromEntries(
    Array.from(tensors, ([name, { dtype, shape, begin, end }]) => [
      name,
      { dtype, shape, sha256: createHash('sha256').update(bytes.subarray(begin, end)).digest('hex') },
    ]),
  );
}

describe('a file that torch wrote', () => {
  test('is there from several versions of torch', () => {
    expect(new Set(files.map(({ name }) => name.split('/')[0])).size).toBeGreaterThan(1);
  });

  test.each(files)('$name is read as torch reads it, or refused', async ({ path, expected }) => {
    const out = join(folder, 'out.safetensors');
    if ('refused' in expected) {
      await expect(convertTorchFile(path, out)).rejects.toMatchObject({ code: expected.refused });
      expect(existsSync(out)).toBe(false);
      return;
    }
    const { tensors, bytes } = await convertTorchFile(path, out);
    expect(tensors).toBe(Object.keys(expected.tensors).length);
    expect(bytes).toBe((await readFile(out)).length);
    expect(await contentsOf(out)).toEqual(expected.tensors);
    expect((await hashTensors(out)).hash).toBe(expected.hash);
    await rm(out);
  });

  test('has the hash of the original that everybody knows', async () => {
    const out = join(folder, 'golden.safetensors');
    await convertTorchFile(file('golden.pt'), out);
    expect((await hashTensors(out)).hash).toBe('2ff50b0a9fa15db290be56b00ccad6dd7d53b7342a00d103');
  });

  test('gives equal bytes whatever lies around its tensors', async () => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    await convertTorchFile(file('module.pt'), one);
    await convertTorchFile(file('model_expgroup_1.pt'), other);
    expect(await readFile(one)).toEqual(await readFile(other));
  });

  test('is refused above the limit before anything is written', async () => {
    const order = convertTorchFile(file('many.pt'), join(folder, 'large'), { maxBytes: 100 });
    await expect(order).rejects.toMatchObject({ code: 'OST_ARTIFACT_TOO_LARGE' });
    expect(await readdir(folder)).not.toContain('large');
  });

  test('is left alone when it is no longer wanted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const out = join(folder, 'aborted');
    await expect(convertTorchFile(file('many.pt'), out, { signal })).rejects.toThrow('enough');
    expect((await readdir(folder)).filter((name) => name.startsWith('aborted'))).toEqual([]);
  });
});
