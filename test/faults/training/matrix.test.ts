import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { testTemporal } from '../../setup/temporal.ts';
import { Matrix } from './matrix.ts';
import type { Played } from './play.ts';
import { pointsOf, seeds, withOthersOnly } from './points.ts';

const temporal = await testTemporal();

/** One for each kind of process and of moment; `npm run faults -- training` kills at all points. */
const sample = ['finishCycle', 'prepareExtrinsic', 'trainGroup', 'the model server, in an upload'];

describe('a cycle in which somebody is killed', () => {
  let connection: Connection;
  let matrix: Matrix;
  let calm: Played | undefined;

  beforeAll(async () => {
    connection = await Connection.connect({ address: temporal.address });
    matrix = await Matrix.open(connection, temporal.address, 2);
    calm = (await matrix.playCalm([1])).get(1);
  }, 300_000);

  afterAll(async () => {
    await matrix?.close();
    await connection?.close();
  });

  test('can be one of at least 40 points, each with a name of its own, and with five seeds', () => {
    const names = pointsOf(calm?.noted ?? []).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(40);
    expect(seeds.length).toBeGreaterThanOrEqual(5);
    expect(names).toEqual(expect.arrayContaining(sample));
  });

  test('can be one at every activity that workers register, but for those that take other validators', () => {
    const namesOf = (wanted: string): readonly string[] => [
      ...new Set((calm?.noted ?? []).filter(({ kind }) => kind === wanted).map(({ name }) => name)),
    ];
    const begun = namesOf('begun');
    const left = namesOf('registered').filter((name) => !begun.includes(name));
    expect(left.toSorted()).toEqual([...withOthersOnly].toSorted());
  });

  test('ends as the cycle does in which nobody is: scores, weights, model, extrinsics, files', async () => {
    const points = pointsOf(calm?.noted ?? []).filter(({ name }) => sample.includes(name));
    const wrong: Record<string, string | null> = {};
    await matrix.playAll(
      points.map((point) => ({ point, seed: 1 })),
      (result) => {
        wrong[result.point.name] = result.wrong;
      },
    );
    expect(wrong).toEqual(Object.fromEntries(sample.map((name) => [name, null])));
  }, 600_000);
});
