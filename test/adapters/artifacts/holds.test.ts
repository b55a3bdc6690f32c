import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keepNewest } from '../../../adapters/artifacts/retention.ts';
import { type ArtifactStore, openStore } from '../../../adapters/artifacts/store.ts';
import { surplusOf } from '../../../domain/retention.ts';

async function emptyStore() {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-holds-'));
  return {
    folder,
    store: await openStore(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const kept = async (store: ArtifactStore) => new Set((await store.list()).map(({ digest }) => digest));
/** A checkpoint of so many bytes of which the first eight hold a zero, as those of every safetensors file do. */
const checkpoint = (number: number) => new Uint8Array([number, ...Array<number>(99).fill(0)]);

describe('an artefact that is held', () => {
  test('outlives tidying up by another process, until it is let go by all who hold it', async () => {
    await using mine = await emptyStore();
    const other = await openStore(mine.folder);
    const { digest } = await mine.store.put(checkpoint(1), 'application/vnd.safetensors');
    const first = await mine.store.hold(digest);
    const second = await other.hold(digest);
    first();
    // Twice is once: it must not end the other's hold.
    first();
    expect(await keepNewest(other, 0, new Set())).toBe(0);
    second();
    while ((await other.held()).size > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await keepNewest(other, 0, new Set())).toBe(1);
    expect(await mine.store.has(digest)).toBe(false);
  });

  test('by a process that was killed is held by nobody', async () => {
    await using mine = await emptyStore();
    const { digest } = await mine.store.put(checkpoint(1), 'application/vnd.safetensors');
    await writeFile(join(mine.folder, 'holds', `999999999.boot%3A1.${digest}-ab`), '');
    expect((await mine.store.held()).size).toBe(0);
    expect(await readdir(join(mine.folder, 'holds'))).toEqual([]);
  });

  test('may be missing: whoever holds it learns that when it reads', async () => {
    await using mine = await emptyStore();
    const letGo = await mine.store.hold('ab'.repeat(32));
    await expect(mine.store.open('ab'.repeat(32))).rejects.toMatchObject({ code: 'OST_ARTIFACT_MISSING' });
    letGo();
  });
});

describe('small files', () => {
  test('go like large ones where they are checkpoints, and stay where they are manifests', async () => {
    await using mine = await emptyStore();
    const manifest = await mine.store.put(Buffer.from('{"version":0}'), 'application/json');
    await mine.store.put(checkpoint(1), 'application/vnd.safetensors');
    expect(await keepNewest(mine.store, 0, new Set())).toBe(1);
    expect([...(await kept(mine.store))]).toEqual([manifest.digest]);
  });

  test('that list the chunks of a file that is gone, go too', async () => {
    await using mine = await emptyStore();
    const { digest } = await mine.store.put(checkpoint(1), 'application/vnd.safetensors');
    await mine.store.chunks(digest);
    await rm(mine.store.path(digest));
    await keepNewest(mine.store, 5, new Set());
    expect((await readdir(mine.folder)).filter((name) => name.includes('chunks'))).toEqual([]);
  });
});

test('what may go is the oldest beyond the number, in one order for everybody, and nothing that is used', () => {
  const files = fc.uniqueArray(fc.record({ digest: fc.string({ minLength: 4 }), changedMs: fc.nat(5) }), {
    selector: ({ digest }) => digest,
  });
  fc.assert(
    fc.property(files, fc.nat(6), fc.func(fc.boolean()), (all, keep, isUsed) => {
      const used = new Set(all.flatMap(({ digest }) => (isUsed(digest) ? [digest] : [])));
      const gone = new Set(surplusOf(all, used, keep));
      const free = all.filter(({ digest }) => !used.has(digest));
      expect(gone.size).toBe(Math.max(0, free.length - keep));
      for (const { digest, changedMs } of free) {
        if (gone.has(digest)) continue;
        expect(free.some((each) => gone.has(each.digest) && each.changedMs > changedMs)).toBe(false);
      }
      expect(new Set(surplusOf(all.toReversed(), used, keep))).toEqual(gone);
      expect([...gone].some((digest) => used.has(digest))).toBe(false);
    }),
  );
});

/** What may happen to the store of a deployment, in any order. */
type Step =
  | { readonly kind: 'put' | 'hold' | 'release'; readonly file: number; readonly by: 0 | 1 }
  | { readonly kind: 'tidy'; readonly keep: number; readonly needed: readonly number[]; readonly by: 0 | 1 };

const files = fc.nat(5);
const by = fc.constantFrom<0 | 1>(0, 1);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('put' as const, 'hold' as const, 'release' as const), file: files, by }),
    fc.record({ kind: fc.constant('tidy' as const), keep: fc.nat(3), needed: fc.array(files, { maxLength: 2 }), by }),
  ),
  { maxLength: 25 },
);

test('in whatever order two processes put, use, let go and tidy, nothing in use goes and no more than allowed stays', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (order) => {
      await using mine = await emptyStore();
      const stores = [mine.store, await openStore(mine.folder)] as const;
      const digests = await Promise.all([0, 1, 2, 3, 4, 5].map(async (file) => digestOf(mine.store, file)));
      const holds = new Map<string, (() => void)[]>();
      let minute = 0;
      for (const step of order) {
        const store = stores[step.by];
        if (step.kind === 'tidy') {
          const before = await kept(store);
          const needed = new Set(step.needed.flatMap((file) => digests[file] ?? []));
          const held = new Set([...holds].flatMap(([digest, all]) => (all.length > 0 ? [digest] : [])));
          // Released holds end a moment later: a lingering one keeps a file too many, never one too few.
          while ([...(await store.held())].some((digest) => !held.has(digest))) await new Promise(setImmediate);
          await keepNewest(store, step.keep, needed);
          const after = await kept(store);
          for (const digest of before) if (needed.has(digest) || held.has(digest)) expect(after.has(digest)).toBe(true);
          const cache = [...after].filter((digest) => !needed.has(digest) && !held.has(digest));
          expect(cache.length).toBeLessThanOrEqual(step.keep);
          continue;
        }
        const digest = digests[step.file] ?? '';
        const mineHeld = holds.get(digest) ?? [];
        holds.set(digest, mineHeld);
        if (step.kind === 'release') mineHeld.pop()?.();
        else if (step.kind === 'hold') mineHeld.push(await store.hold(digest));
        else {
          await store.put(checkpoint(step.file), 'application/vnd.safetensors');
          minute += 1;
          await utimes(store.path(digest), minute * 60, minute * 60);
        }
      }
      for (const all of holds.values()) for (const letGo of all) letGo();
    }),
    { numRuns: 40 },
  );
}, 60_000);

async function digestOf(store: ArtifactStore, file: number): Promise<string> {
  await using incoming = await store.receive(checkpoint(file));
  return incoming.digest;
}
