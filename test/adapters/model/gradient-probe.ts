import { join } from 'node:path';
import type { TaggedRow } from '../../../adapters/model/batch.ts';
import { openCorpus } from '../../../adapters/model/corpus.ts';
import { GradientModel } from '../../../adapters/model/gradient-model.ts';
import { adamWStep, globalNorm } from '../../../adapters/model/optimizer.ts';
import { base, modelFolder, temporaryFolder } from './reference.ts';

/** Deterministic noise of unit variance. */
function noise(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

/** Adds `factor` times a direction to all weights. */
function move(model: GradientModel, direction: readonly Float32Array[], factor: number): void {
  for (const [index, { data }] of model.tensors.entries()) {
    const along = direction[index];
    for (let at = 0; at < data.length; at++) data[at] = (data[at] ?? 0) + factor * (along?.[at] ?? 0);
  }
}

/** The slope of the loss along a random direction of unit length: as the gradient says, and by differences. */
async function slopes(model: GradientModel, rows: readonly TaggedRow[], seed: number) {
  const { gradients } = await model.gradients(rows);
  const norm = globalNorm(gradients);
  const random = model.tensors.map(({ data }, index) => noise(data.length, seed * 1000 + index));
  const length = globalNorm(random);
  // Half gradient, half noise: along noise alone the slope is lost in what float32 can resolve of a loss.
  const mixed = random.map((values, index) => values.map((v, at) => v / length + (gradients[index]?.[at] ?? 0) / norm));
  const mixedLength = globalNorm(mixed);
  const direction = mixed.map((values) => values.map((value) => value / mixedLength));
  const predicted = direction.reduce((sum, values, index) => sum + dot(values, gradients[index] ?? values), 0);
  const step = 0.05;
  const start = model.tensors.map(({ data }) => Float32Array.from(data));
  move(model, direction, step);
  const ahead = await model.loss(rows, rows.length);
  move(model, direction, -2 * step);
  const behind = await model.loss(rows, rows.length);
  for (const [index, { data }] of model.tensors.entries()) data.set(start[index] ?? data);
  return { predicted, measured: (ahead - behind) / (2 * step) };
}

/** What a group's gradient graph gives for the first rows of the group's held-out slice. */
export async function probeGradients(group: number, count: number) {
  await using folder = await temporaryFolder();
  const corpus = await openCorpus(modelFolder);
  const { description } = corpus;
  const options = { folder: join(folder.path, 'parts'), threads: 1, description };
  const model = await GradientModel.open({ modelFolder, parts: base, group }, options);
  const rows = Array.from({ length: count }, (_, row) => ({ group, text: corpus.heldOutRow(group, row) }));
  const { loss, gradients } = await model.gradients(rows);
  const summary = model.tensors.map(({ name }, index) => {
    const gradient = gradients[index] ?? new Float32Array();
    const sum = gradient.reduce((total, value) => total + value, 0);
    return [name, { norm: globalNorm([gradient]), sum, first: Array.from(gradient.subarray(0, 4)) }] as const;
  });
  const directions = [await slopes(model, rows, 1), await slopes(model, rows, 2), await slopes(model, rows, 3)];
  const inBatches = [await model.loss(rows, 1), await model.loss(rows, 3), await model.loss(rows, rows.length)];
  for (const [index, { data }] of model.tensors.entries()) {
    const moments = { firstMoment: new Float32Array(data.length), secondMoment: new Float32Array(data.length) };
    const gradient = gradients[index] ?? new Float32Array(data.length);
    adamWStep({ parameter: data, ...moments }, gradient, { step: 1, learningRate: 1e-3, scale: 1 });
  }
  const afterStep = await model.loss(rows, rows.length);
  await model.release();
  return { loss, gradients: new Map(summary), directions, inBatches, afterStep };
}
