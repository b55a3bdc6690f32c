import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testTemporal } from '../../setup/temporal.ts';
import { type Point, points, seedsOfPoint } from './matrix.ts';
import { complaint, play } from './play.ts';
import { openWorld, type World } from './world.ts';

const temporal = await testTemporal();
let folder = '';
let world: World;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-faults-'));
  world = await openWorld({ ...temporal, bundlePath: temporal.bundlePath, folder });
}, 60_000);

afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

/** One run of every eighth point, so that every fault and every kind of write occurs; `npm run faults` runs them all. */
const sample = points.filter((_, index) => index % 8 === 0);

/** So many at once: they wait for Temporal most of their time. */
const atOnce = 4;

test('the matrix has at least 40 points, each with a name of its own', () => {
  expect(points.length).toBeGreaterThanOrEqual(40);
  expect(new Set(points.map(({ name }) => name)).size).toBe(points.length);
  expect(seedsOfPoint.length).toBeGreaterThanOrEqual(5);
});

test('a sample of the fault matrix loses no write and makes none twice, by the record of the chain', async () => {
  const runs: (readonly [Point, number])[] = sample.map((point, index) => [point, 1 + (index % seedsOfPoint.length)]);
  const found: Record<string, string | null> = {};
  const work = async (): Promise<void> => {
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      const [point, seed] = next;
      found[point.name] = complaint(point, await play(world, point, seed));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  expect(found).toEqual(Object.fromEntries(sample.map(({ name }) => [name, null])));
}, 180_000);
