import { isOstinatoError } from '../../domain/errors/error.ts';
import type { GradientFault } from '../../domain/merge/decide.ts';
import { differenceFault, largestMagnitude, termFault } from '../../domain/merge/exact-mean.ts';
import type { SafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { type Chunk, chunksOf, TensorFile } from './tensor-file.ts';

export interface FoundFault {
  readonly reason: GradientFault;
  readonly detail: string;
}

/**
 * Whether a file is a pseudo-gradient of a group: its tensors, with the names, shapes and types of the model's part,
 * every element finite and no larger than a weight may move in a cycle. Null where it is. All of it follows from the
 * bytes, so that every validator comes to the same verdict.
 */
export const checkGradient = (file: string, partFile: string): Promise<FoundFault | null> =>
  checkFile(file, partFile, async (given, _base, chunk) => termFault(await given.values(chunk)));

/** Whether a submission can be a term of the mean: the same of what lies between it and the model's part. */
export const checkSubmission = (file: string, partFile: string): Promise<FoundFault | null> =>
  checkFile(file, partFile, async (given, base, chunk) =>
    differenceFault(await base.values(chunk), await given.values(chunk)),
  );

async function checkFile(
  file: string,
  partFile: string,
  faultOf: (given: TensorFile, base: TensorFile, chunk: Chunk) => Promise<'nan' | 'magnitude' | null>,
): Promise<FoundFault | null> {
  try {
    await using base = await TensorFile.open(partFile);
    await using given = await TensorFile.open(file);
    const unlike = compareHeaders(given.header, base.header);
    if (unlike !== null) return unlike;
    let large: FoundFault | null = null;
    for (const [name, entry] of base.header.tensors) {
      for (const chunk of chunksOf(name, entry)) {
        const reason = await faultOf(given, base, chunk);
        if (reason === 'nan') return { reason, detail: `"${name}" holds NaN or infinity` };
        if (reason !== null) large ??= { reason, detail: `"${name}" holds an element beyond ±${largestMagnitude}` };
      }
    }
    return large;
  } catch (error) {
    if (isOstinatoError(error) && error.code.startsWith('OST_SAFETENSORS_')) {
      return { reason: 'file', detail: error.message };
    }
    throw error;
  }
}

function compareHeaders(given: SafetensorsHeader, base: SafetensorsHeader): FoundFault | null {
  for (const [name, { dtype, shape }] of base.tensors) {
    const found = given.tensors.get(name);
    if (found === undefined) return { reason: 'shape', detail: `"${name}" is missing` };
    if (found.shape.join() !== shape.join()) {
      return { reason: 'shape', detail: `"${name}" has the shape [${found.shape}] instead of [${shape}]` };
    }
    if (found.dtype !== dtype) return { reason: 'dtype', detail: `"${name}" is ${found.dtype} instead of ${dtype}` };
  }
  if (given.tensors.size === base.tensors.size) return null;
  const stranger = [...given.tensors.keys()].find((name) => !base.tensors.has(name)) ?? '';
  return { reason: 'shape', detail: `"${stranger.slice(0, 200)}" is none of the group's tensors` };
}
