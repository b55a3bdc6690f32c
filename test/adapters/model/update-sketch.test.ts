import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { train } from '../../../adapters/model/trainer.ts';
import { sketchUpdate } from '../../../adapters/model/update-sketch.ts';
import { type Likeness, likeness, readSketch } from '../../../domain/sketch.ts';
import { base, modelFolder, rewriteGroup, shortPolicy, temporaryFolder } from './reference.ts';

const group = 2;
const seed = 'ab'.repeat(32);
const groupFile = base.groups[group] ?? '';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const path = (name: string) => join(folder.path, name);

/** Trains the reference model's group for a moment, as two miners that use different seeds would. */
async function trained(name: string): Promise<string> {
  const job = { modelFolder, parts: base, group, folder: path(name), seed: name, resume: false, datasetPath: null };
  return (
    await train(
      { ...job, policy: { ...shortPolicy, steps: 8, checkpointEverySteps: 8, evaluateEverySteps: 8 }, finalFile: null },
      () => undefined,
      new AbortController().signal,
    )
  ).file;
}

async function compare(one: string, other: string): Promise<Likeness> {
  const [left, right] = [
    readSketch((await sketchUpdate(groupFile, one, seed, group)) ?? ''),
    readSketch((await sketchUpdate(groupFile, other, seed, group)) ?? ''),
  ];
  if (left === null || right === null) throw new Error('no sketch');
  return likeness(left, right);
}

const noise = (index: number, size: number) => size * Math.SQRT2 * Math.sin(index * 7.7 + (index % 13));

let one: string;
let two: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  [one, two] = [await trained('one'), await trained('two')];
}, 60_000);
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('of two files that were trained from one base', () => {
  test('the updates are far apart where the trainings were independent', async () => {
    const { near, similarity } = await compare(one, two);
    expect(near).toBe(false);
    expect(similarity).toBeLessThan(0.9);
  });

  test('one that is the other with noise of a thousandth of each weight is found', async () => {
    await rewriteGroup(one, path('noisy'), (value, index) => value * (1 + noise(index, 1e-3)));
    expect(await compare(one, path('noisy'))).toMatchObject({ near: true });
    expect((await compare(one, path('noisy'))).similarity).toBeGreaterThan(0.995);
  });

  test('one that is the other, half way back to the base, is found', async () => {
    const { tensors } = await readSafetensorsHeader(groupFile);
    const bytes = await readFile(groupFile);
    const values = new Map(
      Array.from(tensors, ([name, { begin, end }]) => {
        return [name, new Float32Array(Uint8Array.from(bytes.subarray(begin, end)).buffer)];
      }),
    );
    await rewriteGroup(one, path('half'), (value, index, name) => (value + (values.get(name)?.[index] ?? 0)) / 2);
    expect(await compare(one, path('half'))).toMatchObject({ near: true });
  });
});

describe('no sketch is taken', () => {
  test('of the base itself, which has no update', async () => {
    expect(await sketchUpdate(groupFile, groupFile, seed, group)).toBeNull();
  });

  test('of tensors of another shape or type', async () => {
    const { tensors } = await readSafetensorsHeader(groupFile);
    const flat = Array.from(tensors, ([name, { shape }]) => {
      const size = shape.reduce((product, each) => product * each, 1);
      return { name, dtype: 'F32' as const, shape: [size], data: new Uint8Array(4 * size) };
    });
    await writeSafetensors(path('flat'), flat);
    expect(await sketchUpdate(groupFile, path('flat'), seed, group)).toBeNull();
  });
});

test.each([
  ['F64', 8, (view: DataView, at: number, value: number) => view.setFloat64(at, value, true)],
  [
    'BF16',
    2,
    (view: DataView, at: number, value: number) => {
      const wide = new DataView(new ArrayBuffer(4));
      wide.setFloat32(0, value, true);
      view.setUint16(at, wide.getUint16(2, true), true);
    },
  ],
  ['F16', 2, (view: DataView, at: number, value: number) => view.setUint16(at, halfOf(value), true)],
] as const)('numbers of the type %s are read as what they are', async (dtype, width, put) => {
  const file = async (name: string, type: 'F32' | typeof dtype, size: number, write: typeof put | null) => {
    const view = new DataView(new ArrayBuffer(1000 * size));
    for (let index = 0; index < 1000; index += 1) {
      const value = ((index * 37) % 64) / 8 - 4;
      if (write === null) view.setFloat32(index * 4, value, true);
      else write(view, index * width, value);
    }
    const data = new Uint8Array(view.buffer);
    const zeros = new Uint8Array(data.length);
    await writeSafetensors(path(`${name}-base`), [{ name: 'w', dtype: type, shape: [1000], data: zeros }]);
    await writeSafetensors(path(name), [{ name: 'w', dtype: type, shape: [1000], data }]);
    return sketchUpdate(path(`${name}-base`), path(name), seed, 0);
  };
  const expected = await file('single', 'F32', 4, null);
  expect(expected).not.toBeNull();
  expect(await file(dtype, dtype, width, put)).toBe(expected);
});

/** Multiples of an eighth up to 4 are exact in 16 bits. */
function halfOf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}
