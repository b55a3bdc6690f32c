import { type FileHandle, open } from 'node:fs/promises';
import { sampledCoordinates, sketchOf } from '../../domain/sketch.ts';
import { type Dtype, dtypeBytes } from '../artifacts/dtype.ts';
import { readSafetensorsHeader, type TensorEntry } from '../artifacts/safetensors-header.ts';
import { compareNames } from '../artifacts/safetensors-writer.ts';

/** Samples closer than this are read together: a small file is read once, of a large one some thousand pages. */
const windowBytes = 4096;

/**
 * The sketch of what a submission changed of its group's base, on the coordinates that the seed chooses. Only these
 * are read, so that a file of gigabytes costs as little as one of a megabyte.
 *
 * @returns null where nothing changed, or where the files' tensors do not fit to each other, which the evaluation says
 */
export async function sketchUpdate(base: string, submission: string, seed: string, group: number) {
  const [before, after] = [await readSafetensorsHeader(base), await readSafetensorsHeader(submission)];
  const names = [...before.tensors.keys()].toSorted(compareNames);
  const places: Place[] = [];
  let elements = 0;
  for (const name of names) {
    const [from, to] = [before.tensors.get(name), after.tensors.get(name)];
    if (from === undefined || to?.dtype !== from.dtype || to.shape.join() !== from.shape.join()) return null;
    const width = dtypeBytes[from.dtype];
    places.push({ first: elements, count: (from.end - from.begin) / width, width, before: from, after: to });
    elements += (from.end - from.begin) / width;
  }
  if (elements === 0) return null;
  await using files = new AsyncDisposableStack();
  const old = new Values(files.use(await open(base, 'r')));
  const fresh = new Values(files.use(await open(submission, 'r')));
  const update: number[] = [];
  let at = 0;
  for (const coordinate of sampledCoordinates(seed, group, elements)) {
    while (coordinate >= (places[at]?.first ?? 0) + (places[at]?.count ?? 0)) at += 1;
    const place = places[at];
    if (place === undefined) break;
    const offset = (coordinate - place.first) * place.width;
    update.push((await fresh.read(place.after, offset)) - (await old.read(place.before, offset)));
  }
  // A number that is none cannot be on a side of anything; verification refused the file before.
  return update.every(Number.isFinite) ? sketchOf(Float64Array.from(update), seed, group) : null;
}

/** Where a tensor lies among all of a group's numbers, and in both files. */
interface Place {
  readonly first: number;
  readonly count: number;
  readonly width: number;
  readonly before: TensorEntry;
  readonly after: TensorEntry;
}

/** Single numbers of a file, read a window at a time in ascending order. */
class Values {
  readonly #file: FileHandle;
  #start = 0;
  #window = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read({ dtype, begin, end }: TensorEntry, offset: number): Promise<number> {
    const [from, width] = [begin + offset, dtypeBytes[dtype]];
    if (from < this.#start || from + width > this.#start + this.#window.length) {
      const window = Buffer.alloc(Math.min(windowBytes, end - from));
      const { bytesRead } = await this.#file.read(window, 0, window.length, from);
      this.#start = from;
      this.#window = window.subarray(0, bytesRead);
    }
    return from + width > this.#start + this.#window.length
      ? Number.NaN
      : decode(dtype, new DataView(this.#window.buffer, this.#window.byteOffset + from - this.#start, width));
  }
}

/** A float of little-endian bytes; 0 for types that no gradient moves. */
function decode(dtype: Dtype, view: DataView): number {
  switch (dtype) {
    case 'F64':
      return view.getFloat64(0, true);
    case 'F32':
      return view.getFloat32(0, true);
    case 'BF16': {
      const wide = new DataView(new ArrayBuffer(4));
      wide.setUint16(2, view.getUint16(0, true), true);
      return wide.getFloat32(0, true);
    }
    case 'F16':
      return half(view.getUint16(0, true));
    default:
      return 0;
  }
}

function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 === 1 ? -size : size;
}
