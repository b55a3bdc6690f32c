import { fail } from '../../domain/errors/error.ts';
import { writeAll, writeAtomically } from './atomic-file.ts';
import { type Dtype, dtypeBytes, tensorBytes } from './dtype.ts';
import { lengthBytes } from './safetensors-header.ts';

/** A tensor to be written: its bytes, or a function that streams them, so that a file need never be in memory. */
export interface TensorSource {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian elements in row-major order. */
  readonly data: Uint8Array | (() => AsyncIterable<Uint8Array>);
}

interface Placed extends TensorSource {
  readonly size: number;
}

/** Code point order, as Python sorts; UTF-16 order differs from it above the basic plane. */
export const compareNames = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Writes a safetensors file, complete or not at all. Larger elements come first, then names in order, as the format's
 * own library does: the data are then aligned without holes, and equal tensors always give equal bytes.
 *
 * @throws OST_SAFETENSORS_TENSOR where data and shape disagree or a name comes twice; OST_DISK_FULL
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<{ readonly bytes: number }> {
  const placed = place(path, tensors);
  const header = encodeHeader(placed, metadata);
  return writeAtomically(path, async (handle) => {
    await writeAll(handle, header);
    let bytes = header.length;
    for (const tensor of placed) {
      let written = 0;
      for await (const chunk of chunksOf(tensor.data)) {
        written += chunk.length;
        if (written > tensor.size) throw wrongSize(path, tensor, written);
        await writeAll(handle, chunk);
      }
      if (written !== tensor.size) throw wrongSize(path, tensor, written);
      bytes += written;
    }
    return { bytes };
  });
}

const wrongSize = (file: string, { name, size }: Placed, written: number) =>
  fail('OST_SAFETENSORS_TENSOR', {
    file,
    tensor: name,
    problem: `its shape needs ${size} bytes and its data have ${written}${written > size ? ' or more' : ''}`,
  });

async function* chunksOf(data: TensorSource['data']): AsyncGenerator<Uint8Array> {
  if (data instanceof Uint8Array) yield data;
  else yield* data();
}

function place(file: string, tensors: Iterable<TensorSource>): readonly Placed[] {
  const names = new Set<string>();
  const placed = Array.from(tensors, (tensor): Placed => {
    const { name, dtype, shape } = tensor;
    const size = tensorBytes(dtype, shape);
    const problem =
      size === null
        ? 'its shape is larger than any file'
        : names.has(name)
          ? 'its name comes twice'
          : name === '__metadata__' || name === '__proto__' || !name.isWellFormed()
            ? 'no tensor may have this name'
            : null;
    if (size === null || problem !== null) {
      throw fail('OST_SAFETENSORS_TENSOR', { file, tensor: name, problem: problem ?? '' });
    }
    names.add(name);
    return { ...tensor, size };
  });
  return placed.sort((a, b) => dtypeBytes[b.dtype] - dtypeBytes[a.dtype] || compareNames(a.name, b.name));
}

function encodeHeader(placed: readonly Placed[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let offset = 0;
  const entries: [string, unknown][] = placed.map(({ name, dtype, shape, size }) => {
    const entry = { dtype, shape, data_offsets: [offset, offset + size] };
    offset += size;
    return [name, entry];
  });
  if (Object.keys(metadata).length > 0) entries.unshift(['__metadata__', metadata]);
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  // Spaces up to a multiple of eight keep the data of every type aligned.
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(lengthBytes + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded), 0);
  header.set(json, lengthBytes);
  return header;
}
