import { join } from 'node:path';
import { readModelDescription } from '../../../adapters/model/description.ts';
import { GradientModel } from '../../../adapters/model/gradient-model.ts';
import { globalNorm } from '../../../adapters/model/optimizer.ts';
import { temporaryFolder } from '../model/reference.ts';
import { readBundle } from './bundles.ts';

/** What a bundle's gradient graph gives for its golden rows, plainly and times a loss scale. */
export async function probeBundle(name: string, group: number) {
  await using folder = await temporaryFolder();
  const { modelFolder, parts, golden } = await readBundle(name);
  const description = await readModelDescription(modelFolder);
  const settings = { folder: join(folder.path, 'parts'), threads: 1, description };
  const model = await GradientModel.open({ modelFolder, parts, group }, settings);
  const rows = golden.rows.map((row) => ({ group, text: Int32Array.from(row) }));
  const scale = 8;
  const plain = await model.gradients(rows);
  const scaled = await model.gradients(rows, scale);
  const gradients = model.tensors.map(({ name: tensor }, index) => {
    const values = plain.gradients[index] ?? new Float32Array();
    const sum = values.reduce((total, value) => total + value, 0);
    const times = globalNorm([scaled.gradients[index] ?? values]) / globalNorm([values]);
    return [tensor, { norm: globalNorm([values]), sum, first: Array.from(values.subarray(0, 3)), times }] as const;
  });
  const oneByOne = await model.loss(rows, 1);
  await model.release();
  return { loss: plain.loss, oneByOne, scale, gradients: new Map(gradients) };
}
