import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { convertTorchFile } from '../../../../adapters/artifacts/torch/convert.ts';
import { isOstinatoError } from '../../../../domain/errors/error.ts';
import { Random } from '../../../faults/chain/random.ts';
import { hostileArchives, soundArchive } from './hostile-archives.ts';
import { hostilePickles } from './hostile-pickles.ts';
import { torchFile } from './zip-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-hostile-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The code of the refusal; anything that is no typed refusal fails the test. */
async function refusalOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'hostile.pt');
  await writeFile(path, bytes);
  try {
    await convertTorchFile(path, join(folder, 'out'), { maxBytes: 1e9 });
    return 'accepted';
  } catch (error) {
    if (isOstinatoError(error)) return error.code;
    throw error;
  } finally {
    await rm(path);
    await rm(join(folder, 'out'), { force: true });
    expect(await readdir(folder)).toEqual([]);
  }
}

const typed = /^OST_(?:TORCH_(?:ARCHIVE|PICKLE|STATE|TENSOR)|SAFETENSORS_TENSOR|ARTIFACT_TOO_LARGE)$/;
const storage = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
const seeds = [1, 2, 3] as const;

describe('a hostile pickle', () => {
  test('is one of two hundred and more', () => {
    expect(Object.keys(hostilePickles).length * seeds.length).toBeGreaterThanOrEqual(200);
  });

  test.each(Object.entries(hostilePickles))('with %s is refused with a typed error', async (_, make) => {
    for (const seed of seeds) {
      expect(await refusalOf(torchFile(make(new Random(seed)), { 0: storage }))).toMatch(typed);
    }
  });

  test('is told apart from the sound ones that it is made from', async () => {
    expect(await refusalOf(soundArchive())).toBe('accepted');
  });

  test('is refused with the opcode and its place', async () => {
    const path = join(folder, 'place.pt');
    await writeFile(path, torchFile(Buffer.from('\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.', 'latin1')));
    await expect(convertTorchFile(path, join(folder, 'out'))).rejects.toMatchObject({
      code: 'OST_TORCH_PICKLE',
      params: { offset: 2, opcode: 'GLOBAL', problem: 'it names os.system' },
    });
    await rm(path);
  });
});

describe('a hostile archive', () => {
  test.each(Object.entries(hostileArchives))('with %s is refused with a typed error', async (_, make) => {
    for (const seed of seeds) expect(await refusalOf(make(new Random(seed)))).toMatch(typed);
  });
});
