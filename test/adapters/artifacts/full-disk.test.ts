import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { writeAll, writeAtomically } from '../../../adapters/artifacts/atomic-file.ts';
import { ChunkFile } from '../../../adapters/artifacts/chunks/chunk-file.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { jsonLines } from '../../../adapters/metrics/json-lines.ts';
import { blocks } from '../../../domain/units.ts';
import { full, smallDisk } from '../../setup/small-disk.ts';

const { folder: disk, ballast, fill, makeRoom, test: onSmallDisk } = smallDisk();
/** Bytes whose number nobody announced, so that the disk is full in the middle of them. */
async function* unannounced(chunks: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < chunks; at += 1) yield new Uint8Array(64 * 1024).fill(at);
}

onSmallDisk(
  'a full disk ends every writer of bytes in a typed error, leaves nothing half written, and lets it go on with room',
  async () => {
    const store = await openStore(join(disk, 'artifacts'));
    const old = await store.put(unannounced(1), 'application/octet-stream');
    const pointer = join(disk, 'current.json');
    await writeAtomically(pointer, (handle) => writeAll(handle, Buffer.from('the old one')));
    const tensor = { name: 'w', dtype: 'F32' as const, shape: [64 * 1024], data: new Uint8Array(256 * 1024) };
    const state = join(disk, 'state.safetensors');
    const arriving = join(disk, 'arriving');
    const of = { bytes: 512 * 1024, chunkBytes: 256 * 1024, tag: '"ab"' };
    {
      await using chunks = await ChunkFile.open(arriving, of);
      await chunks.write(0, new Uint8Array(of.chunkBytes));
    }
    const problems: string[] = [];
    const metrics = jsonLines(join(disk, 'metrics.jsonl'), (problem) => problems.push(problem));
    const point = { at: '2026-01-01T00:00:00Z', cycle: 1, group: 0, step: 1, values: { 'train/loss': 1 } };

    fill();
    await expect(store.put(unannounced(8), 'application/octet-stream')).rejects.toMatchObject(full);
    await expect(store.put(new Uint8Array(1000), 'application/octet-stream')).rejects.toMatchObject(full);
    await expect(writeSafetensors(state, [tensor])).rejects.toMatchObject(full);
    await expect(writeAtomically(pointer, (handle) => writeAll(handle, Buffer.alloc(100_000)))).rejects.toMatchObject(
      full,
    );
    {
      const chunks = await ChunkFile.open(arriving, of).catch((error: unknown) => error);
      if (chunks instanceof ChunkFile) {
        await expect(chunks.write(1, new Uint8Array(of.chunkBytes))).rejects.toMatchObject(full);
        expect(chunks.missing()).toEqual([1]);
        await chunks[Symbol.asyncDispose]();
      } else expect(chunks).toMatchObject(full);
    }
    for (let step = 0; step < 200; step += 1) metrics.take({ ...point, step, values: { [`x${'y'.repeat(100)}`]: 1 } });
    await metrics.close();
    expect(problems.join()).toMatch(/ENOSPC/);
    expect(await readFile(pointer, 'utf8')).toBe('the old one');
    expect(await store.verify(old.digest)).toBe('sound');
    expect(await readdir(store.temporary)).toEqual([]);
    expect((await readdir(disk)).filter((name) => name.includes('tmp') || name.includes('state'))).toEqual([]);

    makeRoom();
    expect(await store.verify((await store.put(unannounced(8), 'application/octet-stream')).digest)).toBe('sound');
    await writeSafetensors(state, [tensor]);
    await using chunks = await ChunkFile.open(arriving, of);
    expect(chunks.missing()).toEqual([1]);
    await chunks.write(1, new Uint8Array(of.chunkBytes));
    await chunks.finish();
  },
);

onSmallDisk('a ledger on a full disk refuses in its own words, and goes on when there is room', async () => {
  const ledger = await openLedger({ file: join(disk, 'ledger.sqlite') });
  try {
    fill();
    let refused: unknown = null;
    for (let block = 1; refused === null && block < 200; block += 1) {
      refused = await ledger.requests.once(`${block}`.padEnd(20_000, 'x'), blocks(block)).then(
        () => null,
        (error: unknown) => error,
      );
    }
    expect(refused).toMatchObject({ code: 'OST_LEDGER_FULL', retryable: true });
    makeRoom();
    expect(await ledger.requests.once('again', blocks(1000))).toBe(true);
    expect(await ledger.requests.once('again', blocks(1000))).toBe(false);
  } finally {
    await ledger.close();
  }
});

onSmallDisk('a disk that can only be read is told from a full one, and used again when it can be written', async () => {
  const store = await openStore(join(disk, 'artifacts'));
  expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
  try {
    const readOnly = { code: 'OST_DISK_READ_ONLY', retryable: true };
    await expect(store.put(unannounced(1), 'application/octet-stream')).rejects.toMatchObject(readOnly);
    await expect(
      writeAtomically(join(disk, 'x'), (handle) => writeAll(handle, new Uint8Array(1))),
    ).rejects.toMatchObject(readOnly);
    await expect(openLedger({ file: join(disk, 'other.sqlite') })).rejects.toMatchObject({
      code: 'OST_LEDGER_UNWRITABLE',
    });
    // Nothing can be said to be held, and everything is read as before.
    (await store.hold('ab'.repeat(32)))();
  } finally {
    spawnSync('mount', ['-o', 'remount,rw', disk]);
  }
  await store.put(unannounced(1), 'application/octet-stream');
});

onSmallDisk('a log on a full disk waits for room, and its process lives', async () => {
  const folder = join(disk, 'log');
  mkdirSync(folder, { recursive: true });
  fill();
  const file = join(folder, 'log.jsonl');
  const entry = join(import.meta.dirname, 'log-writer.ts');
  const { stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ballast], {
    stdio: ['ignore', openSync(file, 'w'), 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(stderr.toString()).toBe('came to its end');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).line)).toEqual(Array.from({ length: 60 }, (_, line) => line));
});
