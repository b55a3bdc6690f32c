import { fail } from '../../domain/errors/error.ts';
import { type Fields, isCount, isObject } from '../../domain/read-value.ts';
import { dtypeBytes, isDtype, tensorBytes } from './dtype.ts';
import type { SafetensorsHeader, TensorEntry } from './safetensors-header.ts';

interface Extent {
  readonly headerBytes: number;
  readonly fileBytes: number;
  readonly file: string;
}

/** Names that would reach an object's prototype in code that keeps tensors in plain objects. */
const forbidden: ReadonlySet<string> = new Set(['__proto__']);

/**
 * Checks a parsed header against the format: known fields only, known types, sizes that follow from the shapes, and
 * data that fills the file without holes or overlaps. Every malformed header ends in a typed error.
 */
export function readEntries(
  header: { readonly value: unknown; readonly keys: number },
  extent: Extent,
): Pick<SafetensorsHeader, 'tensors' | 'metadata'> {
  const { file } = extent;
  const refuse = (problem: string) => fail('OST_SAFETENSORS_HEADER', { file, problem });
  if (!isObject(header.value)) throw refuse('it is no JSON object');
  let keys = 0;
  let metadata: ReadonlyMap<string, string> = new Map();
  const entries: [string, TensorEntry][] = [];
  for (const [name, value] of Object.entries(header.value)) {
    keys += 1;
    // A lone surrogate has no UTF-8 form, and the tensor hash is taken over the name's UTF-8.
    if (!name.isWellFormed() || forbidden.has(name)) throw refuse('it holds a name that no tensor may have');
    if (!isObject(value)) throw refuse('it holds an entry that is no object');
    keys += Object.keys(value).length;
    if (name === '__metadata__') metadata = readMetadata(value, refuse);
    else entries.push([name, readEntry(name, value, extent)]);
  }
  if (keys !== header.keys) throw refuse('it holds the same key twice');
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, extent);
  return { tensors: new Map(entries), metadata };
}

function readMetadata(value: Fields, refuse: (problem: string) => Error): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== 'string' || !text.isWellFormed() || !key.isWellFormed() || forbidden.has(key)) {
        throw refuse('its metadata are no map of text to text');
      }
      return [key, text];
    }),
  );
}

function readEntry(name: string, value: Fields, { headerBytes, fileBytes, file }: Extent): TensorEntry {
  const refuse = (problem: string) =>
    fail('OST_SAFETENSORS_TENSOR', { file, tensor: name.length > 200 ? `${name.slice(0, 200)}…` : name, problem });
  const { dtype, shape, data_offsets: offsets } = value;
  if (Object.keys(value).length !== 3) throw refuse('it has other fields than dtype, shape and data_offsets');
  if (!isDtype(dtype)) throw refuse('its dtype is unknown');
  if (!Array.isArray(shape) || !shape.every(isCount)) throw refuse('its shape is no list of sizes');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw refuse('its data_offsets are no pair of offsets');
  }
  const size = tensorBytes(dtype, shape);
  if (size === null) throw refuse('its shape is larger than any file');
  const begin = headerBytes + Number(offsets[0]);
  const end = headerBytes + Number(offsets[1]);
  if (begin > end || end > fileBytes) throw refuse('its offsets lie outside the file');
  if (end - begin !== size) throw refuse(`its shape needs ${size} bytes and its offsets span ${end - begin}`);
  // The evaluator maps tensors where they lie in the file, which only works on addresses of whole elements.
  if (begin % dtypeBytes[dtype] !== 0) throw refuse('its data do not begin at a whole element');
  return { dtype, shape, begin, end };
}

function checkLayout(entries: readonly (readonly [string, TensorEntry])[], extent: Extent): void {
  const refuse = (problem: string) => fail('OST_SAFETENSORS_LAYOUT', { file: extent.file, problem });
  let expected = extent.headerBytes;
  for (const [, { begin, end }] of entries) {
    if (begin < expected) throw refuse(`tensors overlap at byte ${begin}`);
    if (begin > expected) throw refuse(`bytes ${expected} to ${begin} belong to no tensor`);
    expected = end;
  }
  if (expected !== extent.fileBytes) throw refuse(`${extent.fileBytes - expected} bytes follow the last tensor`);
}
