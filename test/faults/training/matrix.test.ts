import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { testTemporal } from '../../setup/temporal.ts';
import { alone } from './alone.ts';
import { Matrix } from './matrix.ts';
import { inNoRun, seeds, withOthersOnly } from './points.ts';

const temporal = await testTemporal();

/**
 * One for each kind of process and of moment, all of them in one run: `npm run faults -- training` kills at all points.
 */
const sample = [
  'the trainer, in a training step',
  'between prepareExtrinsic and submitExtrinsic',
  'the model server, in an upload',
  'the evaluator, in an evaluation',
  'mergeGradients',
  'finishCycle',
];
/** With this one it is the validator that dies where both roles can, and activities that are long die after their effect. */
const seed = 2;
const perRun = sample.length;

const open = () =>
  Connection.connect({ address: temporal.address }).then(async (connection) => ({
    connection,
    matrix: await Matrix.open({ connection, address: temporal.address, cast: alone, lanes: 2, cycles: 2 }),
  }));
type Opened = Awaited<ReturnType<typeof open>>;

describe('two cycles in the first of which many are killed', () => {
  let opened: Opened | undefined;
  let calm: Awaited<ReturnType<Opened['matrix']['playCalm']>>;
  const noted = () => calm.get(seed)?.noted ?? [];
  const outcome = () => calm.get(seed)?.outcome;

  beforeAll(async () => {
    opened = await open();
    calm = await opened.matrix.playCalm([seed]);
  }, 300_000);

  afterAll(async () => {
    await opened?.matrix.close();
    await opened?.connection.close();
  });

  test('can be killed at at least 40 points, each with a name of its own, and with five seeds', () => {
    const names = alone.points(noted()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(40);
    expect(seeds.length).toBeGreaterThanOrEqual(5);
    expect(names).toEqual(expect.arrayContaining(sample));
  });

  test('can be killed at every activity that workers register, but for those that take other validators', () => {
    const namesOf = (wanted: string): readonly string[] => [
      ...new Set(
        noted()
          .filter(({ kind }) => kind === wanted)
          .map(({ name }) => name),
      ),
    ];
    const begun = namesOf('begun');
    const left = namesOf('registered').filter((name) => !begun.includes(name));
    expect(left.toSorted()).toEqual([...withOthersOnly, ...inNoRun].toSorted());
  });

  test('lower the held-out loss where nobody is, the second from where the first had come to', () => {
    expect(outcome()?.records.map(({ result }) => result)).toEqual(['completed', 'completed']);
    const [first, second] = outcome()?.records.map(({ heldOut }) => heldOut) ?? [];
    expect(first?.after).toBeLessThan(first?.before ?? 0);
    expect(second?.before).toBeCloseTo(first?.after ?? 0, 5);
    expect(second?.after).toBeLessThan(second?.before ?? 0);
    expect(outcome()?.served).toMatchObject({ hash: outcome()?.records.at(-1)?.modelAfter.hash });
  });

  test('sign one vector a period there, and send each extrinsic under a nonce of its own', () => {
    expect(outcome()?.onChain).toHaveLength(1);
    expect(outcome()?.protection.map(({ period }) => period)).toEqual([18, 0]);
    expect(outcome()?.nonces).toEqual([1, 1]);
    for (const { calls } of outcome()?.extrinsics ?? []) {
      expect(calls.map((call) => Number(call.split(' ')[0]))).toEqual(calls.map((_, index) => index));
    }
    expect(outcome()?.receipts.map(({ length }) => length)).toEqual([1, 1]);
  });

  test('end as they do where nobody is: records, scores, weights, model, receipts, extrinsics, files', async () => {
    const points = alone.points(noted()).filter(({ name }) => sample.includes(name));
    const runs = opened?.matrix.packed(points, seed, perRun) ?? [];
    expect(runs.flatMap((run) => run.points.map(({ name }) => name)).toSorted()).toEqual(sample.toSorted());
    const wrong: Record<string, string | null> = {};
    await opened?.matrix.playAll(runs, ({ points: killed, wrong: found, played }) => {
      // Also where an upload was cut off, and the rest of it sent to another process.
      const twice = played !== null && played.accepted !== 2 ? `${played.accepted} submissions accepted` : null;
      wrong[killed.map(({ name }) => name).join('; ')] = found ?? twice;
    });
    expect(Object.values(wrong)).toHaveLength(runs.length);
    expect(wrong).toEqual(Object.fromEntries(Object.keys(wrong).map((names) => [names, null])));
  }, 1_200_000);
});
