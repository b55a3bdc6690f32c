import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blake2b } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import type { Dtype } from '../../../adapters/artifacts/dtype.ts';
import { countNonFinite } from '../../../adapters/artifacts/finite.ts';
import { type TensorSource, writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { hashTensors, hashTensorsOf } from '../../../adapters/artifacts/tensor-hash.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-hash-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const f32 = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);
const tensor = (name: string, ...values: number[]): TensorSource => ({
  name,
  dtype: 'F32',
  shape: [values.length],
  data: f32(...values),
});

async function fileOf(name: string, ...tensors: readonly TensorSource[]): Promise<string> {
  const path = join(folder, name);
  await writeSafetensors(path, tensors, { note: name });
  return path;
}

describe('the tensor hash', () => {
  test('is that of the golden vector, whatever the order in the file and its metadata', async () => {
    const path = await fileOf('golden', tensor('b', 1, 2), tensor('a', 0.5));
    expect(await hashTensors(path)).toEqual({
      hash: '2ff50b0a9fa15db290be56b00ccad6dd7d53b7342a00d103',
      nonFinite: 0,
      firstNonFinite: null,
      tensors: 2,
      bytes: 12,
    });
  });

  test('over several parts is that of one file with all their tensors', async () => {
    const shared = await fileOf('shared', tensor('norm', 1), tensor('a.2', 5));
    const group = await fileOf('group', tensor('a.1', 3), tensor('z', 4));
    const full = await fileOf('full', tensor('norm', 1), tensor('a.2', 5), tensor('a.1', 3), tensor('z', 4));
    expect(await hashTensorsOf([group, shared])).toEqual(await hashTensors(full));
    await expect(hashTensorsOf([group, full])).rejects.toMatchObject({ code: 'OST_TENSOR_NAME_TWICE' });
  });

  test('sorts names by code points, beyond the basic plane too', async () => {
    const [astral, high] = ['\u{1f600}', '\uff61'];
    const path = await fileOf('unicode', tensor(astral, 1), tensor(high, 2));
    const parts = [Buffer.from(high), f32(2), Buffer.from(astral), f32(1)];
    const expected = Buffer.from(blake2b(Buffer.concat(parts), { dkLen: 24 })).toString('hex');
    expect((await hashTensors(path)).hash).toBe(expected);
  });

  test('streams tensors larger than a chunk and finds a NaN anywhere in them', async () => {
    const values = new Float32Array(200_003).fill(1);
    const clean = await fileOf('clean', {
      name: 'w',
      dtype: 'F32',
      shape: [values.length],
      data: new Uint8Array(values.buffer),
    });
    const whole = Buffer.from(blake2b(Buffer.concat([Buffer.from('w'), new Uint8Array(values.buffer)]), { dkLen: 24 }));
    expect((await hashTensors(clean)).hash).toBe(whole.toString('hex'));
    values[200_002] = Number.NaN;
    values[3] = Number.NEGATIVE_INFINITY;
    const dirty = await fileOf('dirty', tensor('a', 1), {
      name: 'w',
      dtype: 'F32',
      shape: [values.length],
      data: new Uint8Array(values.buffer),
    });
    expect(await hashTensors(dirty)).toMatchObject({ nonFinite: 2, firstNonFinite: 'w' });
  });

  test('of a malformed or missing file is refused', async () => {
    const path = join(folder, 'malformed');
    await writeFile(path, 'no tensors here');
    await expect(hashTensors(path)).rejects.toMatchObject({ code: 'OST_SAFETENSORS_TRUNCATED' });
    await truncate(path, 0);
    await expect(hashTensors(path)).rejects.toMatchObject({ code: 'OST_SAFETENSORS_TRUNCATED' });
    await expect(hashTensors(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('stops when it is told to', async () => {
    const path = await fileOf('stopped', tensor('a', 1));
    await expect(hashTensors(path, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('the scan for NaN and infinity', () => {
  test.each<[Dtype, number[], number]>([
    ['F16', [0x7c00, 0xfc01, 0x7bff, 0x0001], 2],
    ['BF16', [0x7f80, 0xffc0, 0x7f7f, 0x0001], 2],
  ])('of %s counts exactly the elements with a full exponent', (dtype, words, count) => {
    expect(countNonFinite(dtype, new Uint8Array(new Uint16Array(words).buffer))).toBe(count);
  });

  test('of 8-bit floats knows that only one of the two types has an infinity', () => {
    expect(countNonFinite('F8_E5M2', new Uint8Array([0x7c, 0xfc, 0x7f, 0x7b]))).toBe(3);
    expect(countNonFinite('F8_E4M3', new Uint8Array([0x7f, 0xff, 0x7e, 0x78]))).toBe(2);
  });

  test('agrees with Number.isFinite for F32 and F64', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 5e-324));
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const wide = new Float64Array(values);
        const narrow = new Float32Array(values);
        expect(countNonFinite('F64', new Uint8Array(wide.buffer))).toBe(wide.filter((v) => !Number.isFinite(v)).length);
        expect(countNonFinite('F32', new Uint8Array(narrow.buffer))).toBe(
          narrow.filter((v) => !Number.isFinite(v)).length,
        );
      }),
    );
  });

  test('of integers finds nothing', () => {
    expect(countNonFinite('U32', new Uint8Array(8).fill(255))).toBe(0);
  });
});
