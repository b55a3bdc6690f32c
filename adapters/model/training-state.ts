import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { encodeTo, type FloatFormat } from '../../domain/merge/float-formats.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { type TensorSource, writeSafetensors } from '../artifacts/safetensors-writer.ts';
import type { GroupTensor } from './gradient-model.ts';

/**
 * Everything that the next step depends on. The data's position is the number of the step. Numbers go through JSON,
 * which keeps doubles exactly.
 */
const countersSchema = z.object({
  step: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  skippedInARow: z.number().int().nonnegative(),
  /** Optimizer steps taken, which the moments' correction counts; skipped steps are none. */
  updates: z.number().int().nonnegative(),
  lossFirst: z.number().nullable(),
  lossLast: z.number().nullable(),
  validationBefore: z.number(),
  bestStep: z.number().int().nonnegative(),
  bestValidation: z.number(),
  /** The step whose weights were judged last. */
  judgedStep: z.number().int().nonnegative(),
  lossScaler: z.object({ scale: z.number().positive(), goodSteps: z.number().int().nonnegative() }).nullable(),
});

export type Counters = z.infer<typeof countersSchema>;

/** One group's tensor with the optimizer's moments and the best values so far. All arrays are changed in place. */
export interface TrainedTensor extends GroupTensor {
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly best: Float32Array;
}

export interface TrainingState {
  readonly tensors: readonly TrainedTensor[];
  readonly counters: Counters;
}

/** A state before the first step: the base itself is the best so far. */
export const freshState = (tensors: readonly GroupTensor[], validation: number): TrainingState => ({
  tensors: tensors.map((tensor) => ({
    ...tensor,
    firstMoment: new Float32Array(tensor.data.length),
    secondMoment: new Float32Array(tensor.data.length),
    best: Float32Array.from(tensor.data),
  })),
  counters: {
    step: 0,
    skipped: 0,
    skippedInARow: 0,
    updates: 0,
    lossFirst: null,
    lossLast: null,
    validationBefore: validation,
    bestStep: 0,
    bestValidation: validation,
    judgedStep: 0,
    lossScaler: null,
  },
});

const kinds = { now: 'data', first: 'firstMoment', second: 'secondMoment', best: 'best' } as const;

/** Writes a state, complete or not at all. */
export async function saveState(path: string, { tensors, counters }: TrainingState, job: string): Promise<void> {
  const sources = tensors.flatMap((tensor) =>
    Object.entries(kinds).map(([prefix, kind]) => sourceOf(`${prefix}.${tensor.name}`, tensor.shape, tensor[kind])),
  );
  await writeSafetensors(path, sources, { job, counters: JSON.stringify(counters) });
}

/**
 * Puts a state where people look for it, complete or not at all. A link where the disk allows it: a state is never
 * changed in place, the next one takes its name.
 */
export async function copyState(from: string, to: string): Promise<void> {
  const draft = `${to}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await link(from, draft).catch(() => copyFile(from, draft));
  await rename(draft, to);
}

/** Writes what a miner submits: a group's tensors and nothing else, in the type that the model stores them in. */
export async function saveGroup(path: string, tensors: readonly TrainedTensor[]): Promise<void> {
  await writeSafetensors(
    path,
    tensors.map(({ name, shape, dtype, best }) => storedAs(dtype, sourceOf(name, shape, best), best)),
  );
}

/**
 * Reads a state into the arrays of a fresh one. Null where there is none, where it belongs to another job or where the
 * disk damaged it: the training then begins anew, which costs time and nothing else.
 */
export async function loadState(path: string, fresh: TrainingState, job: string): Promise<TrainingState | null> {
  try {
    const { tensors, metadata } = await readSafetensorsHeader(path);
    if (metadata.get('job') !== job) return null;
    const counters = countersSchema.parse(JSON.parse(metadata.get('counters') ?? ''));
    const arrays = fresh.tensors.flatMap((tensor) =>
      Object.entries(kinds).map(([prefix, kind]) => ({
        entry: tensors.get(`${prefix}.${tensor.name}`),
        to: tensor[kind],
      })),
    );
    if (arrays.some(({ entry, to }) => entry === undefined || entry.end - entry.begin !== to.byteLength)) return null;
    await using handle = await open(path, 'r');
    for (const { entry, to } of arrays) {
      if (entry !== undefined) await handle.read(bytesOf(to), 0, to.byteLength, entry.begin);
    }
    return { tensors: fresh.tensors, counters };
  } catch {
    return null;
  }
}

const bytesOf = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const sourceOf = (name: string, shape: readonly number[], array: Float32Array): TensorSource => ({
  name,
  shape,
  dtype: 'F32',
  data: bytesOf(array),
});

/** Rounds to the nearest where a model is stored in 16 bits; the state keeps what was trained. */
const storedAs = (dtype: FloatFormat, source: TensorSource, values: Float32Array): TensorSource =>
  dtype === 'F32'
    ? source
    : { ...source, dtype, data: new Uint8Array(encodeTo(dtype, Float32Array.from(values)).buffer) };
