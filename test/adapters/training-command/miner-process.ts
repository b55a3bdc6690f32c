/** Runs a training command and is killed upon its first step: FOLDER WORD WORD … */
import { trainByCommand } from '../../../adapters/training-command/train-by-command.ts';
import { base, modelFolder, shortPolicy } from '../model/reference.ts';

const [folder = '', program = '', ...words] = process.argv.slice(2);
const never = new AbortController().signal;
await trainByCommand(
  {
    modelFolder,
    parts: base,
    group: 3,
    datasetPath: null,
    folder,
    seed: 'killed',
    policy: shortPolicy,
    resume: true,
    finalFile: null,
  },
  {
    argv: [program, ...words],
    precision: 'fp32',
    silenceMs: 60_000,
    checkpointsKept: 1,
    env: { PATH: process.env['PATH'] ?? '' },
  },
  { onProgress: () => process.kill(process.pid, 'SIGKILL'), onCheckpoint: () => undefined },
  never,
  never,
);
