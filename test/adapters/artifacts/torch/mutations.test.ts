import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readTorchArchive } from '../../../../adapters/artifacts/torch/archive.ts';
import { convertTorchFile } from '../../../../adapters/artifacts/torch/convert.ts';
import { isOstinatoError } from '../../../../domain/errors/error.ts';
import { goldenFiles } from './golden.ts';
import { torchFile } from './zip-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-mutations-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const golden = goldenFiles().filter(({ expected }) => 'hash' in expected);

/** Changes of bytes as a broken disk, a broken line or an idle hand makes them; places are shares of the length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const edits = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: place, byte: fc.nat(255) }),
    fc.record({ kind: fc.constant('flip' as const), at: place, byte: fc.nat(7) }),
    fc.record({ kind: fc.constant('remove' as const), at: place, byte: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constant('insert' as const), at: place, byte: fc.nat(255) }),
    fc.record({ kind: fc.constant('cut' as const), at: place, byte: fc.constant(0) }),
  ),
  { minLength: 1, maxLength: 3 },
);
type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

function edited(bytes: Uint8Array, changes: Edits): Uint8Array {
  let result = Buffer.from(bytes);
  for (const { kind, at, byte } of changes) {
    const index = Math.min(result.length - 1, Math.floor(at * result.length));
    if (kind === 'cut') result = result.subarray(0, index);
    else if (kind === 'remove') result = Buffer.concat([result.subarray(0, index), result.subarray(index + byte)]);
    else if (kind === 'insert') {
      result = Buffer.concat([result.subarray(0, index), Buffer.of(byte), result.subarray(index)]);
    } else if (index >= 0) result[index] = kind === 'set' ? byte : (result[index] ?? 0) ^ (1 << byte);
  }
  return result;
}

/** What a file is read as, or the code of its refusal; whatever else happens fails the test. */
async function read(bytes: Uint8Array): Promise<Buffer | string> {
  const path = join(folder, 'in.pt');
  const out = join(folder, 'out.safetensors');
  await writeFile(path, bytes);
  try {
    await convertTorchFile(path, out);
    return await readFile(out);
  } catch (error) {
    if (isOstinatoError(error)) return error.code;
    throw error;
  } finally {
    await rm(path);
    await rm(out, { force: true });
    expect(await readdir(folder)).toEqual([]);
  }
}

describe('a file of torch that was changed at random', () => {
  test('gives the very same tensors, or a typed refusal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...golden), edits, async ({ path }, changes) => {
        const bytes = await readFile(path);
        const found = await read(edited(bytes, changes));
        if (typeof found === 'string') expect(found).toMatch(/^OST_TORCH_/);
        else expect(found.equals(Buffer.from(await read(bytes)))).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  test('gives tensors or a typed refusal where its checksums were made to fit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...golden), edits, async ({ path, name }, changes) => {
        await using handle = await open(path, 'r');
        const file = { handle, name, bytes: (await handle.stat()).size };
        const { pickle, storages } = await readTorchArchive(file);
        const whole = await readFile(path);
        const kept = Array.from(storages, ([key, { begin, bytes }]) => [key, whole.subarray(begin, begin + bytes)]);
        const found = await read(torchFile(edited(pickle, changes), Object.fromEntries(kept)));
        if (typeof found === 'string') expect(found).toMatch(/^OST_(?:TORCH_|SAFETENSORS_TENSOR)/);
      }),
      { numRuns: 250 },
    );
  });
});
