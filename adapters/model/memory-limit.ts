import { readModelDescription } from './description.ts';

/** For the runtime, a batch's activations, and data sets; far more than the reference model takes. */
const roomBytes = 4 * 2 ** 30;

/**
 * Two models at once in the evaluator, or one with gradients and the optimizer's moments in a trainer: in either case
 * at most 16 bytes for each parameter, also where 16-bit weights are widened.
 */
const bytesPerParameter = 16;

/**
 * Resident memory above which a model's child process has run away.
 *
 * @throws OST_MODEL_FILE_MISSING, OST_MODEL_GRAPH_MALFORMED
 */
export async function childMemoryLimit(modelFolder: string): Promise<number> {
  const { parameters } = await readModelDescription(modelFolder);
  return roomBytes + bytesPerParameter * parameters;
}
