import { open } from 'node:fs/promises';
import { fail, messageOf } from '../../domain/errors/error.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { hashTensors } from '../artifacts/tensor-hash.ts';
import { readModelFile } from '../model/description.ts';
import { checkTensors } from '../model/fit.ts';
import { readGraph } from '../model/graph.ts';
import { partFile } from '../model/parts.ts';
import { startRanks } from '../model/ranks.ts';
import type { TrainingJob } from '../model/trainer-protocol.ts';

/**
 * Checks that a file holds exactly the tensors of the job's group, all of them finite. Nothing of it is believed: it
 * will be hashed, committed and sent under the miner's name.
 *
 * @param path the file itself; `named` is how the command called it
 * @throws OST_TRAINER_COMMAND_CHECKPOINT
 */
export async function checkCheckpoint(job: TrainingJob, path: string, named: string): Promise<void> {
  const { group, modelFolder } = job;
  const refuse = (problem: string, cause?: unknown) =>
    fail('OST_TRAINER_COMMAND_CHECKPOINT', { path: named, group, problem }, { cause });
  const expected = readGraph(await readModelFile(modelFolder, 'loss.onnx'), 'loss.onnx').external;
  try {
    checkTensors({ location: partFile(group), header: await readSafetensorsHeader(path) }, expected);
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  const { nonFinite, firstNonFinite } = await hashTensors(path);
  if (nonFinite > 0) throw refuse(`${nonFinite} elements are not finite, the first in "${firstNonFinite}"`);
}

/** Losses on the miner's own held-out rows, of files that {@link checkCheckpoint} accepted. */
export interface Judge {
  /** Of the weights that the training begins with. */
  readonly base: number;
  loss(path: string): Promise<number>;
  close(): Promise<void>;
}

/** Starts the process that computes the losses. */
export async function startJudge(job: TrainingJob, onChild: (pid: number) => void): Promise<Judge> {
  const single = { ...job, policy: { ...job.policy, worldSize: 1 } };
  const source = await startRanks(single, (_, pid) => onChild(pid));
  try {
    const base = await source.validate();
    return {
      base,
      async loss(path) {
        const { tensors } = await readSafetensorsHeader(path);
        await using handle = await open(path, 'r');
        for (const { name, data } of source.tensors) {
          const entry = tensors.get(name);
          if (entry === undefined) throw new RangeError(`no tensor ${name}`);
          await handle.read(
            new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
            0,
            data.byteLength,
            entry.begin,
          );
        }
        return source.validate();
      },
      close: () => source.release(),
    };
  } catch (error) {
    await source.release();
    throw error;
  }
}
