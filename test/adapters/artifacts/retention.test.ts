import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keepNewest } from '../../../adapters/artifacts/retention.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';

let folder: string;
let store: ArtifactStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-retention-'));
  store = await openStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A checkpoint that was stored so many minutes after the first. */
async function checkpoint(minute: number, sizeBytes = 100_000): Promise<string> {
  const { digest } = await store.put(new Uint8Array(sizeBytes).fill(minute), 'application/vnd.safetensors');
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
  await utimes(store.path(digest), at, at);
  return digest;
}

test('the oldest checkpoints go first, and as many stay as were asked for', async () => {
  const [first, second, third] = [await checkpoint(1), await checkpoint(2), await checkpoint(3)];
  expect(await keepNewest(store, 2, new Set())).toBe(1);
  expect(await Promise.all([first, second, third].map((each) => store.has(each)))).toEqual([false, true, true]);
});

test('what is needed stays whatever its age and takes nobody else’s place', async () => {
  const [model, old, fresh] = [await checkpoint(1), await checkpoint(2), await checkpoint(3)];
  await keepNewest(store, 1, new Set([model]));
  expect(await Promise.all([model, old, fresh].map((each) => store.has(each)))).toEqual([true, false, true]);
});

test('manifests stay: the records of the ledger point at them', async () => {
  const manifest = await checkpoint(1, 2_000);
  await checkpoint(2);
  expect(await keepNewest(store, 0, new Set())).toBe(1);
  expect(await store.has(manifest)).toBe(true);
});
