import { open } from 'node:fs/promises';
import { Tensor } from 'onnxruntime-node';
import { readFully } from '../artifacts/read-fully.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { checkTensors } from './fit.ts';
import type { ExternalTensor } from './graph.ts';
import { partFile } from './parts.ts';

/** One group's weights in memory of their own, as inputs of a graph that takes them so. */
export interface GroupWeights {
  readonly memory: ArrayBuffer;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/**
 * Reads a group's file, which must fit the model. What becomes of the file afterwards changes nothing.
 *
 * @param external all tensors that the model takes from files; those of this group are stored as F32
 * @param memory of weights that are not used any more: taken where it has the right size
 * @throws OST_MODEL_SHAPE_MISMATCH or a safetensors error where the file does not fit
 */
export async function readGroupWeights(
  path: string,
  { group, external }: { readonly group: number; readonly external: readonly ExternalTensor[] },
  memory?: ArrayBuffer,
): Promise<GroupWeights> {
  const location = partFile(group);
  // Errors name the part, by which it is known whose fault they are.
  const header = await readSafetensorsHeader(path, location);
  checkTensors({ location, header }, external);
  const { headerBytes, fileBytes, tensors } = header;
  const sizeBytes = fileBytes - headerBytes;
  const place = memory?.byteLength === sizeBytes ? memory : new ArrayBuffer(sizeBytes);
  await fill(new Uint8Array(place), path, headerBytes);
  const feeds = Array.from(tensors, ([name, { shape, begin, end }]): [string, Tensor] => {
    const data = new Float32Array(place, begin - headerBytes, (end - begin) / Float32Array.BYTES_PER_ELEMENT);
    return [name, new Tensor('float32', data, [...shape])];
  });
  return { memory: place, feeds: Object.fromEntries(feeds) };
}

async function fill(place: Uint8Array, path: string, from: number): Promise<void> {
  await using handle = await open(path, 'r');
  if (!(await readFully(handle, place, from))) throw new RangeError(`${path} is cut`);
}
