import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { assembleParts } from '../../../adapters/model/parts.ts';
import { lossScaling } from '../../../domain/loss-scaler.ts';
import type { TrainingPolicy } from '../../../domain/training-policy.ts';

/** A short training of small steps, so that a test is done with it in a second or two. */
export const shortPolicy: TrainingPolicy = {
  steps: 12,
  batchSize: 2,
  accumulationSteps: 1,
  worldSize: 1,
  learningRate: 0.003,
  warmupSteps: 10,
  totalSteps: null,
  beta1: 0.9,
  beta2: 0.95,
  weightDecay: 0.1,
  maxGradNorm: 1,
  lossScaling,
  checkpointEverySteps: 4,
  evaluateEverySteps: 12,
  threads: 1,
};

export const modelFolder = join(import.meta.dirname, '../../../models/reference');
export const base = assembleParts(modelFolder, 4);

/** A folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ostinato-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a copy of a group's file with every value of every tensor changed. */
export async function rewriteGroup(
  from: string,
  to: string,
  change: (value: number, index: number, name: string) => number,
): Promise<void> {
  const { tensors } = await readSafetensorsHeader(from);
  const file = await readFile(from);
  await writeSafetensors(
    to,
    Array.from(tensors, ([name, { shape, begin, end }]) => {
      const bytes = Uint8Array.from(file.subarray(begin, end));
      const values = new Float32Array(bytes.buffer);
      for (const [index, value] of values.entries()) values[index] = change(value, index, name);
      return { name, dtype: 'F32' as const, shape, data: bytes };
    }),
  );
}
