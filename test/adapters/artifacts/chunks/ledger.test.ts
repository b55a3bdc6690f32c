import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { blake3 } from '@napi-rs/blake-hash';
import fc from 'fast-check';
import { ChunkLedger, readChunkLedger } from '../../../../adapters/artifacts/chunks/ledger.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-chunks-'));
  path = join(folder, 'file.partial.chunks');
});
afterEach(() => rm(folder, { recursive: true }));

const of = { bytes: 1_000_000, chunkBytes: 10_000, tag: '"tag"' };
const hashOf = (index: number): string => blake3(String(index)).toString('hex');

async function write(indexes: readonly number[], drop: readonly number[] = []): Promise<void> {
  const ledger = await ChunkLedger.open(path, { of, chunks: new Map() });
  for (const index of indexes) await ledger.add(index, hashOf(index));
  for (const index of drop) await ledger.drop(index);
  await ledger.close();
}

describe('a ledger of chunks', () => {
  test('remembers what was added, of which file, and what was taken back', async () => {
    await write([5, 0, 99, 7], [0]);
    const kept = await readChunkLedger(path);
    expect(kept?.of).toEqual(of);
    expect([...(kept?.chunks ?? [])]).toEqual([5, 99, 7].map((index) => [index, hashOf(index)]));
  });

  test('that is not there, empty or of another kind is none', async () => {
    expect(await readChunkLedger(path)).toBeNull();
    for (const text of ['', 'hello\n', '{}']) {
      await writeFile(path, text);
      expect(await readChunkLedger(path)).toBeNull();
    }
  });

  test('cut off anywhere claims no chunk that was not added, and loses only what was cut', async () => {
    const indexes = [3, 1, 4, 15, 92, 65, 35, 89, 79, 32];
    await write(indexes);
    const whole = await readFile(path);
    const lines = whole.toString().split('\n');
    const headBytes = (lines[0]?.length ?? 0) + 1;
    const lineBytes = indexes.map((_, at) => (lines[at + 1]?.length ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: headBytes, max: whole.length }), async (cut) => {
        await writeFile(path, whole.subarray(0, cut));
        const kept = await readChunkLedger(path);
        let end = headBytes;
        const complete = indexes.filter((_, at) => {
          end += lineBytes[at] ?? 0;
          // The last newline may be missing: the line is whole without it.
          return end - 1 <= cut;
        });
        expect([...(kept?.chunks.keys() ?? [])]).toEqual(complete);
      }),
    );
  });

  test('with any byte changed claims nothing else than what was added', async () => {
    await write([3, 1, 4]);
    const whole = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const copy = Buffer.from(whole);
        copy.writeUInt8(copy.readUInt8(at) ^ flip, at);
        await writeFile(path, copy);
        for (const [index, hash] of (await readChunkLedger(path))?.chunks ?? []) {
          expect([3, 1, 4]).toContain(index);
          expect(hash).toBe(hashOf(index));
        }
      }),
    );
  });

  test('goes on after a broken line as if it had never been', async () => {
    await write([1, 2]);
    await writeFile(path, `${await readFile(path, 'utf8')}3 abc`);
    const kept = await readChunkLedger(path);
    if (kept === null) throw new Error('nothing kept');
    const ledger = await ChunkLedger.open(path, kept);
    await ledger.add(4, hashOf(4));
    await ledger.close();
    expect([...((await readChunkLedger(path))?.chunks.keys() ?? [])]).toEqual([1, 2, 4]);
  });
});
