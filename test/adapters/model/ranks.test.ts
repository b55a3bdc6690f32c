import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { meanGradients } from '../../../adapters/model/mean-gradients.ts';
import { type TrainingJob, type TrainingProgress, train } from '../../../adapters/model/trainer.ts';
import type { TrainingPolicy } from '../../../domain/training-policy.ts';
import { base, modelFolder, shortPolicy, temporaryFolder } from './reference.ts';

const never = new AbortController().signal;

const jobIn = (folder: string, policy: Partial<TrainingPolicy>): TrainingJob => ({
  modelFolder,
  parts: base,
  group: 1,
  folder,
  seed: 'shared by the ranks',
  policy: { ...shortPolicy, steps: 4, checkpointEverySteps: 2, evaluateEverySteps: 4, ...policy },
  resume: true,
  datasetPath: null,
  finalFile: null,
});

/** The weights after the last step, the best or not. */
async function weightsIn(folder: string): Promise<Float32Array> {
  const file = join(folder, 'training_state.safetensors');
  const [{ tensors }, data] = await Promise.all([readSafetensorsHeader(file), readFile(file)]);
  const values = [...tensors]
    .filter(([name]) => name.startsWith('now.'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { begin, end }]) => data.subarray(begin, end));
  return new Float32Array(Uint8Array.from(Buffer.concat(values)).buffer);
}

async function trained(policy: Partial<TrainingPolicy>) {
  await using folder = await temporaryFolder();
  const seen: TrainingProgress[] = [];
  const roles: string[] = [];
  const note = (progress: TrainingProgress) => seen.push(progress);
  const result = await train(jobIn(folder.path, policy), note, never, (_, role) => roles.push(role));
  return { result, seen, roles, weights: await weightsIn(folder.path), hash: (await hashTensors(result.file)).hash };
}

/** Element by element, as matchers compare arrays, hundreds of thousands of weights take seconds. */
const sameBits = (a: Float32Array, b: Float32Array): boolean => a.length > 0 && bytesOf(a).equals(bytesOf(b));
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

/** The greatest difference between two trainings' weights, in terms of how far the first one moved at most. */
const apart = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Number.NaN))), 0);

describe('a step shared by two processes', () => {
  const whole = trained({ batchSize: 4 });
  const shared = trained({ batchSize: 2, worldSize: 2 });

  test('with half a batch each is the step of one with the whole', async () => {
    const [one, two] = await Promise.all([whole, shared]);
    for (const [index, { loss, gradNorm, rows, tokens }] of one.seen.entries()) {
      const other = two.seen[index];
      expect(Math.abs((other?.loss ?? 0) - loss) / loss).toBeLessThan(1e-5);
      expect(Math.abs((other?.gradNorm ?? 0) - gradNorm) / gradNorm).toBeLessThan(1e-4);
      expect(other).toMatchObject({ rows, tokens });
    }
    // AdamW divides by the gradient's own size, so that a gradient near zero moves a weight by up to the learning rate.
    expect(apart(one.weights, two.weights)).toBeLessThan(0.1 * shortPolicy.learningRate);
    expect(two.roles.toSorted()).toEqual(['trainer', 'trainer rank 0', 'trainer rank 1']);
  });

  test('gives the same bits every time, whatever the ranks’ timing', async () => {
    const again = await trained({ batchSize: 2, worldSize: 2, threads: 2 });
    expect(again.hash).toBe((await shared).hash);
    expect(sameBits(again.weights, (await shared).weights)).toBe(true);
  });

  test('gives the very bits of one process that accumulates the same batches', async () => {
    const accumulated = await trained({ batchSize: 2, accumulationSteps: 2 });
    expect(sameBits(accumulated.weights, (await shared).weights)).toBe(true);
  });

  test('is lost where a rank dies, and the training ends in the very same file when it is started again', async () => {
    await using folder = await temporaryFolder();
    // Enough steps that the training is not done before the kill comes.
    const policy = { batchSize: 2, worldSize: 2, steps: 8 };
    const job = jobIn(folder.path, policy);
    const pids = new Map<string, number>();
    const attempt = train(
      job,
      ({ step }) => step === 3 && process.kill(pids.get('trainer rank 1') ?? 0, 'SIGKILL'),
      never,
      (pid, role) => pids.set(role, pid),
    );
    await expect(attempt).rejects.toMatchObject({
      code: 'OST_TRAINER_RANK_DIED',
      params: { rank: 1, reason: 'SIGKILL' },
      fault: 'ours',
    });
    const left = [...pids.values()].filter((pid) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    });
    expect(left).toEqual([]);
    const steps: number[] = [];
    const result = await train(job, ({ step }) => steps.push(step), never);
    // On from a checkpoint, of which there is one after every second step.
    expect(steps[0]).toBeGreaterThan(1);
    expect(steps.at(-1)).toBe(8);
    expect((await hashTensors(result.file)).hash).toBe((await trained(policy)).hash);
  });
});

test('a loss scale changes no bit in single precision, and a training without one says so', async () => {
  const [scaled, plain] = await Promise.all([trained({}), trained({ lossScaling: null })]);
  expect(sameBits(scaled.weights, plain.weights)).toBe(true);
  expect(scaled.seen.map(({ lossScale }) => lossScale?.before)).toEqual([65_536, 65_536, 65_536, 65_536]);
  expect(plain.seen.every(({ lossScale }) => lossScale === null)).toBe(true);
});

describe('a mean of gradients', () => {
  const of = (...values: number[]) => ({ loss: values[0] ?? 0, gradients: [Float32Array.from(values)] });

  test('is added in double precision and rounded once', () => {
    const mean = meanGradients([of(1, 2 ** -24), of(2 ** 24, 0), of(-(2 ** 24), 2 ** -24)]);
    expect(mean.loss).toBeCloseTo(1 / 3, 12);
    expect([...(mean.gradients[0] ?? [])]).toEqual([Math.fround(1 / 3), Math.fround(2 ** -23 / 3)]);
  });

  test('of one is that one', () => {
    const only = of(3, 4);
    expect(meanGradients([only])).toBe(only);
  });
});
