import { join } from 'node:path';
import { train } from '../../adapters/model/trainer.ts';
import { base, modelFolder, shortPolicy } from '../adapters/model/reference.ts';

/** What an honest miner of a group has after a few steps: a file that is better than the base's. */
export async function trainedFile(folder: string, group = 0): Promise<string> {
  const { file } = await train(
    {
      modelFolder,
      parts: base,
      group,
      datasetPath: null,
      folder: join(folder, `training-${group}`),
      seed: 'an honest miner',
      policy: { ...shortPolicy, steps: 10, learningRate: 0.001, checkpointEverySteps: 10, threads: 2 },
      resume: false,
      finalFile: null,
    },
    () => undefined,
    new AbortController().signal,
  );
  return file;
}
