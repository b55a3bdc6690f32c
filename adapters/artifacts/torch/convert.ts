import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fail } from '../../../domain/errors/error.ts';
import { dtypeBytes, tensorBytes } from '../dtype.ts';
import { checkFreeSpace } from '../incoming.ts';
import { type TensorSource, writeSafetensors } from '../safetensors-writer.ts';
import { readTorchArchive, type TorchArchive } from './archive.ts';
import type { TensorValue } from './pickle-values.ts';
import { tensorsOf } from './state-dict.ts';
import { layoutOf } from './strides.ts';
import { type PlacedTensor, TensorStreams, unreadable } from './tensor-stream.ts';
import { unpickle } from './unpickler.ts';

/** How much larger than its file what is written may be: tied weights are stored once, and views may overlap. */
const maxGrowth = 4;
const freeGrowthBytes = 1024 * 1024;

export interface TorchLimits {
  /** What to call the file in errors; its name on disk, if left out. */
  readonly name?: string;
  /** More bytes of tensors than this end in OST_ARTIFACT_TOO_LARGE. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface ConvertedTorchFile {
  readonly tensors: number;
  /** Bytes of the file that was written. */
  readonly bytes: number;
}

/**
 * Turns a file of torch.save into safetensors without running anything in it. The tensor hash
 * ({@link hashTensors}) of what is written is that of the original, and equal tensors always give equal files. Memory
 * is bounded whatever the file's size, the event loop has its turn, and a failure leaves no file.
 *
 * @throws OST_TORCH_LEGACY, _ARCHIVE, _PICKLE, _STATE, _TENSOR, OST_SAFETENSORS_TENSOR (a name that safetensors cannot
 *   hold), OST_ARTIFACT_TOO_LARGE, OST_DISK_FULL, the signal's reason, or the system's error
 */
export async function convertTorchFile(
  from: string,
  to: string,
  { name = basename(from), maxBytes = Number.POSITIVE_INFINITY, signal }: TorchLimits = {},
): Promise<ConvertedTorchFile> {
  await using handle = await open(from, 'r');
  const file = { handle, name, bytes: (await handle.stat()).size };
  const archive = await readTorchArchive(file);
  const tensors = tensorsOf(await unpickle(archive.pickle, name, signal), name);
  const placed = Array.from(tensors, ([key, tensor]) => place(archive, key, tensor));
  const total = placed.reduce((sum, { tensor }) => sum + (tensorBytes(tensor.storage.dtype, tensor.shape) ?? 0), 0);
  if (total > maxBytes) throw fail('OST_ARTIFACT_TOO_LARGE', { name, limitBytes: maxBytes });
  if (total > maxGrowth * file.bytes + freeGrowthBytes) {
    throw fail('OST_TORCH_ARCHIVE', { file: name, problem: `its tensors would unfold to ${total} bytes` });
  }
  await checkFreeSpace(dirname(to), total);
  const streams = new TensorStreams(file, signal);
  const sources = placed.map(
    (each): TensorSource => ({
      name: each.name,
      dtype: each.tensor.storage.dtype,
      shape: each.tensor.shape,
      data: () => streams.stream(each),
    }),
  );
  return { tensors: placed.length, bytes: (await writeSafetensors(to, sources)).bytes };
}

/** Compares what the pickle says of a tensor with the storage that is there. @throws OST_TORCH_TENSOR */
function place({ file, storages }: TorchArchive, name: string, tensor: TensorValue): PlacedTensor {
  const refuse = (problem: string) =>
    fail('OST_TORCH_TENSOR', { file: file.name, tensor: name.slice(0, 200), problem });
  const { storage, offset, shape, strides } = tensor;
  const record = storages.get(storage.key);
  if (record === undefined) throw refuse('its storage is not in the file');
  const declared = storage.elements * dtypeBytes[storage.dtype];
  if (declared !== record.bytes) {
    throw refuse(`its storage is declared with ${declared} bytes and has ${record.bytes}`);
  }
  const layout = layoutOf(shape, strides);
  if (layout === null) throw refuse('its shape is larger than any file');
  if (layout.elements > 0 && offset + layout.span > storage.elements) throw refuse('it reaches beyond its storage');
  const placed = { name, tensor, layout, record };
  const problem = unreadable(placed);
  if (problem !== null) throw refuse(problem);
  return placed;
}
